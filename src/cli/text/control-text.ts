import type { Command } from '../../operator/control/messages.js';
import { IDLE } from '../../operator/control/said.js';
import type { Reached } from '../../operator/control/reach-bot.js';
import {
  UNASKED_ORDERS,
  type BotStatus,
  type FlattenPlan,
  type FlattenReport,
  type HeldPosition,
  type TakenOff,
  type TightenReport,
} from '../../ports/core-services/operator-control.js';
import { nextStartLines } from './next-start-text.js';
import { ageText, reachLines, secondsText, statusWords } from './reach-text.js';
import { stopText } from './stop-text.js';
import { pairs } from './table.js';

type Absent = Extract<Reached, { bot: 'absent' }>;
type Silent = Extract<Reached, { bot: 'silent' }>;
interface ToldOrder {
  readonly clientId: string;
  readonly symbol: string;
  readonly side: string;
  readonly type: string;
  readonly size: string;
  readonly price: string | null;
  readonly stopPrice: string | null;
  readonly status: string;
}

const DISABLED = 'enters no more: so many entries without a person; perpsbot resume re-arms it';

/** `pid`: of the process that answered. */
export function statusText(status: BotStatus, where: string, pid: number | null = null): string {
  const { state, reason, actor, since, account, venue, world, profile, positionsKnown, positions, orders } = status;
  return pairs([
    ['Bot', `runs ${profile} in the ${world} world on ${venue}, account ${account ?? 'not known yet'}`],
    ...(pid === null ? [] : [['Process', `${pid}; Ctrl-C, or kill ${pid}, ends it in order`] as const]),
    ['State', where],
    ...(status.at === undefined ? [] : [['As of', `${iso(status.at)}, by the market's time`] as const]),
    ['Safety', stateText(state, reason, actor, since)],
    ...reachLines(status),
    ...disabledLines(status.disabled ?? []),
    ...suspendedLines(status.suspended ?? [], where),
    ...positionLines(positions, positionsKnown ? '' : ' (not confirmed by the venue)', status.at),
    ...orderLines(orders),
    ...flatteningLines(status),
    ...(status.withdrawing === null ? [] : [['Orders', notConfirmed(status.withdrawing.mayBeLive)] as const]),
  ]);
}

const disabledLines = (disabled: readonly string[]): (readonly [string, string])[] =>
  disabled.map((strategy) => ['Disabled', `${strategy} ${DISABLED}`]);

const suspendedLines = (suspended: NonNullable<BotStatus['suspended']>, where: string): (readonly [string, string])[] =>
  suspended.map(({ instance, reason, at }) => [
    'Suspended',
    `${instance} since ${iso(at)}: it ${reason}. It enters no more, its exits go on; perpsbot strategy resume ${instance} ${where} --reason "…"`,
  ]);

function flatteningLines({ flattening, state }: BotStatus): (readonly [string, string])[] {
  const newest = flattening === null ? [] : [flattening.flat ? 'flat' : remainingText(flattening)];
  const idle = state === 'FLATTENING' && flattening?.running !== true ? [IDLE] : [];
  return [...newest, ...idle].map((text) => ['Flatten', text]);
}

/** What closes what is held while its strategy's own exits are not sent. */
const leftAlone = (positions: readonly HeldPosition[]): string =>
  positions
    .filter((position) => stopText(position) !== '')
    .map(({ symbol }) => symbol)
    .join(', ');

/** How the answer to a resume begins. */
export function resumedText({ was, state, cycleMs }: BotStatus): string {
  if (was === 'NORMAL') return 'It was NORMAL before, too: nothing was held back.';
  const when = cycleMs === undefined ? '' : ` It decides again with its next cycle, within ${secondsText(cycleMs)}.`;
  return `${state === 'NORMAL' ? 'Resumed.' : `Resumed as far as the configuration lets it: ${state}.`}${when}`;
}

export function tightenText({ state, was, withdrawal, positions, kept }: TightenReport, where: string): string {
  const { done, cancelled, mayBeLive } = withdrawal;
  const alone = state === 'HALTED' ? leftAlone(positions) : '';
  return pairs([
    ['State', where],
    [
      'Safety',
      was === state ? `stays ${state}, as it was before, over restarts` : `${state}, from now on and over restarts`,
    ],
    [
      'Withdrawn',
      done ? `done, confirmed by the venue: ${countOf(cancelled.length, 'order')}` : notConfirmed(mayBeLive),
    ],
    ...positionLines(positions),
    ...orderLines(kept),
    ...(alone === ''
      ? []
      : [
          [
            'Alone',
            `nobody closes ${alone} until resume or flatten: own exits are not sent while it is HALTED`,
          ] as const,
        ]),
    [
      'Next',
      done
        ? `${alone === '' ? '' : `perpsbot flatten ${where} · `}perpsbot status ${where} · perpsbot resume ${where} --reason "…"`
        : `perpsbot status ${where}: the bot goes on asking`,
    ],
  ]);
}

export function planText({ hash, steps, maxSlippageBps }: FlattenPlan, where: string): string {
  if (steps.length === 0)
    return pairs([
      ['State', where],
      ['Plan', 'nothing is held: there is nothing to take off'],
    ]);
  return pairs([
    ['State', where],
    ...steps.map(
      ({ symbol, side, size, markPrice, worstPrice }) =>
        [
          'Send',
          `${side} ${size} ${symbol}, can only reduce, ${worstPrice === null ? 'at market: there is no mark' : `at most ${maxSlippageBps} bps beyond the mark of its moment and not beyond the collar, now ${worstPrice} (mark ${markPrice ?? '?'})`}`,
        ] as const,
    ),
    ['Done', 'nothing yet'],
    ['Next', `perpsbot flatten ${where} --yes-plan ${hash} --max-slippage ${maxSlippageBps} --reason "…"`],
  ]);
}

/** `asked`: the reason of whoever reads it; another one than that of the report did not begin it. */
export function flattenText(report: FlattenReport, where: string, asked?: string): string {
  const { flat, note, mayBeLive, kept, by } = report;
  return pairs([
    ['State', where],
    ['Flatten', flat ? 'flat, confirmed by the venue' : 'NOT FLAT'],
    ...(asked === undefined || asked === by.reason
      ? []
      : [['Command', `carried out already, once, as ${by.actor} asked: ${by.reason}`] as const]),
    ...report.taken.map(takenLine),
    ...positionLines(report.remaining),
    ...(mayBeLive.length === 0 ? [] : [['Orders', notConfirmed(mayBeLive)] as const]),
    ...(flat ? [] : standingLines(kept)),
    ...(note === null || note === '' ? [] : [['Note', note] as const]),
    [
      'Next',
      flat
        ? `perpsbot status ${where} · perpsbot ${report.hasTightened === false ? 'halt' : 'resume'} ${where} --reason "…"`
        : `perpsbot status ${where} · perpsbot flatten ${where}, for a new plan`,
    ],
  ]);
}

const takenLine = ({ symbol, side, size, averagePrice }: TakenOff): readonly [string, string] => [
  'Taken off',
  `${symbol} ${side} ${size} at ${averagePrice} on the average; fees are in the fills`,
];

export const remainingText = ({ remaining, note }: FlattenReport): string =>
  `${countOf(remaining.length, 'position')} left${remaining.map(({ symbol, side, size }) => ` · ${symbol} ${side} ${size}`).join('')}${note === null ? '' : ` · ${note}`}`;

/** What is said while the venue has not confirmed: never "done". */
export function notConfirmed(mayBeLive: readonly string[]): string {
  const named = mayBeLive.filter((name) => name !== UNASKED_ORDERS);
  const unasked = named.length < mayBeLive.length ? [UNASKED_ORDERS] : [];
  const counted = named.length === 0 ? [] : [`${countOf(named.length, 'order')} (${named.join(', ')})`];
  const what = [...counted, ...unasked].join(', and ');
  return `NOT CONFIRMED: ${what === '' ? 'the venue is asked once more whether any order is' : `${what} may be`} live`;
}

export function absentText(absent: Absent, command: Command, where: string): string {
  const heard = heardText(absent.beat);
  const isTaken = absent.taken !== 'not sent';
  return pairs([
    ['Bot', command === 'status' || isTaken ? `does not run${heard}` : `NO BOT RUNS on this state directory${heard}`],
    ['State', where],
    ...(isTaken ? takenLines(absent, command) : leftLines(absent, command)),
    ...knownLines(absent.known, where),
    ...waitingLines(absent),
    ...nextStartLines(absent.next),
    ...(isTaken ? [['Next', `look at the venue, start the bot, then: perpsbot status ${where}`] as const] : []),
  ]);
}

export function silentText(silent: Silent, command: Command, where: string): string {
  const { pid, holder, beat, cause, taken } = silent;
  return pairs([
    ['Bot', `DOES NOT ANSWER: ${pid === null ? holder : `process ${pid}`}${heardText(beat)} (${cause})`],
    ['State', where],
    ...(taken === 'not sent' ? [...unheardLines(silent, command), NOTHING_SENT] : takenLines(silent, command)),
    ...knownLines(silent.known, where),
    ...waitingLines(silent),
    [
      'Direct',
      `of a live bot, past it, now: perpsbot halt ${where} --direct withdraws its orders, perpsbot flatten ${where} --direct takes off what it holds`,
    ],
    [
      'Next',
      `end the process${pid === null ? '' : `: kill -9 ${pid}`}, look at the venue, start again. Nothing is lost by that: the journal is on disk, stops at the venue stay, the next start asks the venue`,
    ],
  ]);
}

const NOTHING_SENT = ['Sent', 'nothing, to no venue'] as const;

const EFFECTS: Partial<Record<Command, string>> = {
  flatten: 'orders may have been sent',
  resume: 'the bot may have gone on',
  'strategy resume': 'the strategy may enter again',
};

/** A command that was on its way when the talk broke off: nobody may be told that it did nothing. */
function takenLines({ taken, left }: Absent | Silent, command: Command): (readonly [string, string])[] {
  const was = taken === 'accepted' ? 'accepted, and its end is not known' : 'sent, and not known to be accepted';
  return [
    ['Command', `${command} was ${was}${left === null ? '' : `; it is left beside the journal, too`}`],
    ['Sent', `UNKNOWN: ${EFFECTS[command] ?? 'orders may have been withdrawn'}`],
  ];
}

function unheardLines({ left }: Silent, command: Command): (readonly [string, string])[] {
  if (left !== null)
    return [['Command', `${left.command} is left beside the journal: the bot obeys it before its next order`]];
  // A look that failed has nothing to say of what was done.
  if (command === 'status') return [];
  return [['Command', 'nothing was done: only a bot that answers can look at its venue']];
}

const waitingLines = ({ waiting, left }: Absent | Silent): (readonly [string, string])[] =>
  waiting
    .filter(({ id }) => id !== left?.id)
    .map((request) => [
      'Waiting',
      `${request.command}${request.strategy === undefined ? '' : ` ${request.strategy}`} by ${request.actor}: ${request.reason}`,
    ]);

function leftLines({ left, waiting }: Absent, command: Command): (readonly [string, string])[] {
  if (command === 'flatten')
    return [
      ['Command', 'refused: only a bot that runs can flatten. Start it, it begins in its safety state; then flatten'],
      ['Sent', 'nothing, to no venue: what is live there stays live'],
    ];
  if (left === null) return command === 'resume' ? [['Command', 'nothing is left: nothing holds the next start']] : [];
  if (command === 'strategy resume')
    return [['Command', `the next start within 24 h lets ${left.strategy ?? 'it'} go on, before anything trades`]];
  if (command === 'resume')
    return [
      ['Command', 'the next start within 24 h resumes, if bot and venue agree then; whatever tightens takes this back'],
    ];
  return [
    ['Sent', 'nothing, to no venue: what is live there stays live'],
    ['Command', `${left.command} is left for the next start`],
    ...waiting
      .filter(({ command: asked, at }) => asked === 'resume' && at <= left.at)
      .map(({ actor, reason }) => ['Taken back', `resume by ${actor}: ${reason}`] as const),
  ];
}

function knownLines(known: Absent['known'], where: string): (readonly [string, string])[] {
  if (known === null) return [['Journal', 'cannot be read: whatever it knew may be live']];
  return [
    ['Journal', known.at === null ? 'empty' : `last record ${iso(known.at)}, account ${known.account ?? 'not known'}`],
    ['Safety', stateText(known.state, known.reason, known.actor, known.since)],
    ...disabledLines(known.disabled),
    ...suspendedLines(known.suspended, where),
    ...positionLines(
      known.positions.map((position) => ({ ...position, entryPrice: null, markPrice: null })),
      ' (as the journal last knew)',
    ),
    ...orderLines(known.orders, ' (as the journal last knew; may be live)', ' (as the journal last knew)'),
  ];
}

function positionLines(positions: readonly HeldPosition[], more = '', now?: number): (readonly [string, string])[] {
  if (positions.length === 0) return [['Position', `none${more}`]];
  return positions.map(({ symbol, side, size, entryPrice, markPrice, markAt, stopSize }) => [
    'Position',
    `${symbol} ${side} ${size}${entryPrice === null ? '' : ` at ${entryPrice}`}${markPrice === null ? '' : `, mark ${markPrice}${ageText(markAt, now)}`}${stopText({ size, stopSize })}${more}`,
  ]);
}

function orderLines(orders: readonly ToldOrder[], more = '', none = ''): (readonly [string, string])[] {
  if (orders.length === 0) return [['Orders', `none open${none}`]];
  return orders.map(({ clientId, symbol, side, type, size, price, stopPrice, status }) => [
    'Order',
    `${symbol} ${side} ${size} ${type}${price === null ? '' : ` at ${price}`}${stopPrice === null ? '' : `, stop ${stopPrice}`}, ${statusWords(status)}, ${clientId}${more}`,
  ]);
}

/** Stops that the venue holds as it should: they are no news, and no danger. */
const standingLines = (kept: readonly ToldOrder[]): (readonly [string, string])[] =>
  kept.length === 0 ? [] : orderLines(kept, ', stands as it should');

const heardText = (beat: Absent['beat']): string =>
  beat === null ? ', never heard of' : `, last heard of ${beat.ageSeconds} s ago (${beat.writtenAt})`;

function stateText(state: string, reason: string | null, actor: string | null, since: number | null): string {
  if (state === 'NORMAL') return state;
  return `${state}${since === null ? '' : ` since ${iso(since)}`}${actor === null ? '' : ` by ${actor}`}${reason === null ? '' : `: ${reason}`}`;
}

const countOf = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;
const iso = (at: number): string => new Date(at).toISOString();
