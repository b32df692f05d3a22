import type { SafetyState } from '../../domain/safety.js';
import type { BotStatus, HeldPosition, Operator } from '../../ports/core-services/operator-control.js';

const WORDS = {
  halt: 'Halted',
  'reduce-only': 'Set to reduce-only',
  resume: 'Resumed',
  flatten: 'Flattening',
  'strategy resume': 'Strategy resumed',
} as const;

/** What FLATTENING means while no plan is being carried out: after its end, and after a restart. */
export const IDLE = 'nothing is being taken off: a new flatten begins again, a resume lets it trade';

/** Commands of which the log tells. */
export type ToldCommand = keyof typeof WORDS;

/** One line of the bot's own log for a command that has taken effect. */
export const said = (command: ToldCommand, { actor, reason }: Operator, more: string): string =>
  `${WORDS[command]} by ${actor}: ${reason}; ${more}`;

/** For a start in another state than NORMAL. */
export function begins({ state, since, actor, reason, ...of }: BotStatus): string | undefined {
  if (state === 'NORMAL') return undefined;
  const at = since === null ? '' : ` since ${new Date(since).toISOString()}`;
  const by = `by ${actor ?? 'unknown'}: ${reason ?? 'no reason recorded'}`;
  const idle = state === 'FLATTENING' ? `; ${IDLE}` : '';
  return `Begins ${state}${at}, ${by}; ${holds(of.positions, of.positionsKnown)}${idle}`;
}

/** What is held, and what of it no stop at the venue looks after. Before the venue was asked nobody says "nothing". */
export function holds(positions: readonly HeldPosition[], isKnown: boolean): string {
  if (positions.length === 0) return isKnown ? 'holds nothing' : 'what it holds is not known yet';
  return `holds ${positions.map(held).join(', ')}`;
}

const held = (position: HeldPosition): string =>
  `${position.symbol} ${position.side} ${position.size}${bare(position)}`;

/** What follows a position that no stop at the venue looks after, or not the whole of it. */
export function bare({ size, stopSize }: Pick<HeldPosition, 'size' | 'stopSize'>): string {
  if (stopSize === size) return '';
  return stopSize === '0' ? ', no stop at the venue' : `, stops for ${stopSize} of it only`;
}

/** Why a flattening ends before it is flat. */
export const stoppedBy = (to: SafetyState, { actor, reason }: Operator): string =>
  `stopped by ${to === 'HALTED' ? 'halt' : to} of ${actor}: ${reason}`;
