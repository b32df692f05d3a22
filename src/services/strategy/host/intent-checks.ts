import { signOf } from '../../../domain/order.js';
import type { Position } from '../../../domain/position.js';
import type { Submission } from '../../../ports/core-services/execution.js';
import type { Intent } from '../../../ports/strategy/intent.js';
import type { IntentRefusal } from '../../../ports/strategy/order-ticket.js';
import type { StrategyGate } from '../../../ports/strategy/strategy-desk.js';

const TAG = /^[A-Za-z0-9._:/-]{1,40}$/;
/**
 * What the desk and the verbs above it turn away by themselves; rules and risk have checks of their own. `for good`:
 * the same terms meet it again, whenever they are asked.
 */
export const OWN_CHECKS = Object.freeze({
  tag: 'for good',
  duplicate_tag: 'for now',
  past: 'for now',
  halted: 'for now',
  reduce_only_block: 'for now',
  suspended: 'for good',
  stopping: 'for now',
  storm: 'for now',
  entry_filter: 'for now',
  dry_run: 'for good',
  nothing_to_do: 'for now',
  unsupported: 'for good',
  changing: 'for now',
  not_open: 'for now',
  kept: 'for now',
  already: 'for now',
  shorts_off: 'for now',
  entries_disabled: 'for now',
  stop: 'for now',
  take_profit: 'for now',
  size: 'for now',
  entry: 'for now',
  flat: 'for now',
} as const);
export type OwnCheck = keyof typeof OWN_CHECKS;

/** Of rules and risk, what the same terms meet again, whenever they are asked. */
const FOR_GOOD: ReadonlySet<string> = new Set([
  'price_required',
  'invalid_stop',
  'post_only',
  'order_terms',
  'spot_short',
]);
/** Refused intents of one strategy within an instant, and within ten seconds. */
const MOST_AT_ONCE = 64;
const MOST_LATELY = 256;
const LATELY_MS = 10_000;

export const UNSUPPORTED: Submission = Object.freeze({
  outcome: 'refused',
  check: 'unsupported',
  reason: 'The execution coordinator that is bound takes decisions only.',
});

export const refusal = (check: OwnCheck, reason: string): IntentRefusal => ({
  check,
  reason,
  isTransient: OWN_CHECKS[check] === 'for now',
});

/** As somebody else has refused it: rules, risk, the adapter of a venue. */
export const refusalBy = (check: string, reason: string): IntentRefusal =>
  check in OWN_CHECKS ? refusal(check as OwnCheck, reason) : { check, reason, isTransient: !FOR_GOOD.has(check) };

/** Why nothing was sent, as the ticket says it. */
export function refusalOf(submission: Exclude<Submission, { readonly outcome: 'submitted' }>): IntentRefusal {
  if (submission.outcome === 'dry_run') return refusal('dry_run', 'A dry run sends nothing.');
  return refusalBy(submission.outcome === 'nothing' ? 'nothing_to_do' : submission.check, submission.reason);
}

export const tagObjection = (tag: unknown): IntentRefusal | undefined =>
  typeof tag === 'string' && TAG.test(tag)
    ? undefined
    : refusal('tag', `A tag must be 1 to 40 letters, digits or -_.:/, was ${JSON.stringify(tag)}.`);

/** Stands against the position, and can only make it smaller. */
export const reduces = ({ side, reduceOnly, closePosition, lots }: Intent, position: Position): boolean =>
  reduceOnly === true ||
  closePosition === true ||
  (position.lots * signOf(side) < 0 && lots <= Math.abs(position.lots));

/** A stop that can only reduce. */
export const protecting = ({ role, reduceOnly, closePosition, stop, trailBps }: Intent): boolean =>
  role === 'stop' && (reduceOnly === true || closePosition === true) && (stop !== undefined || trailBps !== undefined);

/** Whether the gate lets an intent through; risk and the safety state are asked again before anything is sent. */
export function gateObjection(intent: Intent, gate: StrategyGate, position: Position): IntentRefusal | undefined {
  if (gate.mode === 'trading' || protecting(intent)) return undefined;
  if (gate.mode === 'halted') return refusal('halted', `Nothing but protection is sent now: ${gate.name ?? 'halted'}.`);
  if (reduces(intent, position)) return undefined;
  return refusal('reduce_only_block', `Nothing may be added now: ${gate.name ?? 'reduce-only'}.`);
}

/** Counts refused intents: whoever goes on asking what was refused is turned away without a look. */
export class IntentStorm {
  private instant = Number.NaN;
  private atOnce = 0;
  private since = Number.NEGATIVE_INFINITY;
  private lately = 0;

  objection(now: number): IntentRefusal | undefined {
    this.roll(now);
    if (this.atOnce < MOST_AT_ONCE && this.lately < MOST_LATELY) return undefined;
    return refusal(
      'storm',
      `Too many intents were refused: ${this.atOnce} at once, ${this.lately} within ten seconds.`,
    );
  }

  refused(now: number): void {
    this.roll(now);
    this.atOnce += 1;
    this.lately += 1;
  }

  private roll(now: number): void {
    if (now !== this.instant) [this.instant, this.atOnce] = [now, 0];
    if (!(now - this.since < LATELY_MS)) [this.since, this.lately] = [now, 0];
  }
}

/** What is found first, of a list. */
export function firstOf<T, R>(list: readonly T[], found: (each: T) => R | undefined): R | undefined {
  for (const each of list) {
    const result = found(each);
    if (result !== undefined) return result;
  }
  return undefined;
}
