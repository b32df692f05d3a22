import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { resolveConfig } from '#config/index.js';
import { runFaulted } from '#di/testing/faults/faulted-run.js';
import { configOf, SPEC } from '#di/testing/run-config.js';
import { bars, columnsOf } from '#di/testing/test-bars.js';
import { Decimal } from '#src/domain/decimal.js';
import type { SafetyState } from '#src/domain/safety.js';
import { lots, ticks } from '#src/domain/units.js';
import { SafetyLadder } from '#src/ports/storage/safety-ladder.js';
import type { EventStrategy } from '#src/ports/strategy/event-strategy.js';
import type { Intent } from '#src/ports/strategy/intent.js';
import type { OrderTicket } from '#src/ports/strategy/order-ticket.js';
import type { StrategyDesk } from '#src/ports/strategy/strategy-desk.js';
import { eventStrategy } from '#src/services/strategy/host/by-events.js';

const SYMBOL = 'TEST-PERP';
const spec = { ...SPEC, tick: new Decimal(1), step: new Decimal(1), minSize: new Decimal(1) };
const columns = columnsOf(bars.closes('1m', [100, 100, 100, 100, 100, 100, 100, 100]), spec);

type Terms = Omit<Intent, 'instrument' | 'why'>;
const ask = (desk: StrategyDesk, terms: Terms): OrderTicket =>
  desk.place({ instrument: desk.instrument(SYMBOL), why: 'the table says so', ...terms });
const sold = (desk: StrategyDesk, tag: string): OrderTicket => desk.find(tag) as OrderTicket;

const EXIT = { side: 'sell', reduceOnly: true } as const;

/** What is open when the state changes: a position of ten, its stop, two targets, and an entry that waits. */
function before(desk: StrategyDesk): void {
  ask(desk, { side: 'buy', type: 'market', lots: lots(10), role: 'entry', tag: 'in' });
}
function guarded(desk: StrategyDesk): void {
  ask(desk, { ...EXIT, type: 'stop_market', stop: ticks(80), lots: lots(10), role: 'stop', tag: 'guard' });
  for (const [tag, limit] of [
    ['moved', 120],
    ['ended', 130],
  ] as const)
    ask(desk, { ...EXIT, type: 'limit', limit: ticks(limit), lots: lots(1), role: 'take_profit', tag });
  ask(desk, { side: 'buy', type: 'limit', limit: ticks(70), lots: lots(1), role: 'entry', tag: 'waits' });
}

const answerOf = ({ refusal }: OrderTicket): string => refusal?.check ?? 'sent';
const why = 'the table says so';

/** Each asks for one thing, and says what it was answered. */
const VERBS = {
  enter: (desk: StrategyDesk) =>
    answerOf(ask(desk, { side: 'buy', type: 'market', lots: lots(1), role: 'entry', tag: 'more' })),
  shrink: (desk: StrategyDesk) =>
    answerOf(ask(desk, { ...EXIT, type: 'market', lots: lots(1), role: 'exit', tag: 'less' })),
  protect: (desk: StrategyDesk) =>
    answerOf(ask(desk, { ...EXIT, type: 'stop_market', stop: ticks(75), lots: lots(9), role: 'stop', tag: 'second' })),
  'move a target': (desk: StrategyDesk) => sold(desk, 'moved').amend({ limit: 121, why }),
  'move the stop': (desk: StrategyDesk) => sold(desk, 'guard').amend({ stop: 81, why }),
  'loosen the stop': (desk: StrategyDesk) => sold(desk, 'guard').amend({ stop: 79, why }),
  'shrink the stop': (desk: StrategyDesk) => sold(desk, 'guard').amend({ quantity: 9, why }),
  'end a target': (desk: StrategyDesk) => sold(desk, 'ended').cancel(why),
  'end the stop': (desk: StrategyDesk) => sold(desk, 'guard').cancel(why),
} as const;
type Verb = keyof typeof VERBS;

const saidOf = (answer: ReturnType<(typeof VERBS)[Verb]>): string => JSON.stringify(answer);

/** What is held, and what rests. */
const standing = (desk: StrategyDesk): string =>
  [
    desk.book(SYMBOL).lots,
    ...desk.open().map(({ tag, limitTicks, stopTicks }) => `${tag}@${limitTicks ?? stopTicks ?? ''}`),
  ].join(' ');

/** What one verb is answered in a state, and what stands two bars later. */
async function inState(state: SafetyState, verb: Verb): Promise<{ readonly answer: string; readonly stands: string }> {
  let ladder: SafetyLadder | undefined;
  let answer = 'not asked';
  let stands = '';
  let told = 0;
  const definition = eventStrategy({
    name: 'table',
    parameters: [],
    create: (_settings, symbols): EventStrategy => ({
      name: 'table',
      needs: { symbols, timeframes: [{ ms: 60_000, lookback: 1 }] },
      onBar(_bar, desk) {
        told += 1;
        if (told === 1) before(desk);
        if (told === 2) guarded(desk);
        if (told === 3 && state !== 'NORMAL') void ladder?.tighten(state, 'the table says so');
        if (told === 5) answer = saidOf(VERBS[verb](desk));
        if (told === 7) stands = standing(desk);
      },
      snapshot: () => undefined,
      restore: () => undefined,
    }),
  });
  const terms = { name: 'table', columns, spec, params: {}, equity: 10_000, config: {} };
  await runFaulted(definition, columns, resolveConfig(configOf('paper', terms)), [], (container) => {
    container.onActivation(SafetyLadder, (_context, made) => (ladder = made));
  });
  return { answer, stands };
}

const ALL = '10 guard@80 moved@120 ended@130';
const REFUSED = (check: string): RegExp =>
  new RegExp(`^("${check}"|\\{"outcome":"refused","refusal":\\{"check":"${check}".*)$`);
const SENT = /^("sent"|"asked"|\{"outcome":"asked"\})$/;

/** What is answered, and what stands two bars later. The entry that waits goes in every state but NORMAL. */
const TABLE: Readonly<Record<SafetyState, Readonly<Record<Verb, readonly [answer: RegExp, stands: string]>>>> = {
  NORMAL: {
    enter: [SENT, `11 guard@80 moved@120 ended@130 waits@70`],
    shrink: [SENT, `9 guard@80 moved@120 ended@130 waits@70`],
    protect: [SENT, `${ALL} waits@70 second@75`],
    'move a target': [SENT, '10 guard@80 moved@121 ended@130 waits@70'],
    'move the stop': [SENT, '10 guard@81 moved@120 ended@130 waits@70'],
    'loosen the stop': [SENT, '10 guard@79 moved@120 ended@130 waits@70'],
    'shrink the stop': [SENT, `${ALL} waits@70`],
    'end a target': [SENT, '10 guard@80 moved@120 waits@70'],
    'end the stop': [/^"protects"$/, `${ALL} waits@70`],
  },
  REDUCE_ONLY: {
    enter: [REFUSED('reduce_only_block'), ALL],
    shrink: [SENT, '9 guard@80 moved@120 ended@130'],
    protect: [SENT, `${ALL} second@75`],
    'move a target': [SENT, '10 guard@80 moved@121 ended@130'],
    'move the stop': [SENT, '10 guard@81 moved@120 ended@130'],
    'loosen the stop': [SENT, '10 guard@79 moved@120 ended@130'],
    'shrink the stop': [SENT, ALL],
    'end a target': [SENT, '10 guard@80 moved@120'],
    'end the stop': [/^"protects"$/, ALL],
  },
  HALTED: {
    enter: [REFUSED('halted'), ALL],
    shrink: [REFUSED('halted'), ALL],
    protect: [SENT, `${ALL} second@75`],
    'move a target': [REFUSED('halted'), ALL],
    'move the stop': [SENT, '10 guard@81 moved@120 ended@130'],
    'loosen the stop': [REFUSED('halted'), ALL],
    'shrink the stop': [REFUSED('halted'), ALL],
    'end a target': [SENT, '10 guard@80 moved@120'],
    'end the stop': [/^"protects"$/, ALL],
  },
  // What shrinks is sent by `perpsbot flatten`, and by nobody beside it: two would fight for the lots.
  FLATTENING: {
    enter: [REFUSED('halted'), ALL],
    shrink: [REFUSED('halted'), ALL],
    protect: [SENT, `${ALL} second@75`],
    'move a target': [REFUSED('halted'), ALL],
    'move the stop': [SENT, '10 guard@81 moved@120 ended@130'],
    'loosen the stop': [REFUSED('halted'), ALL],
    'shrink the stop': [REFUSED('halted'), ALL],
    'end a target': [SENT, '10 guard@80 moved@120'],
    'end the stop': [/^"protects"$/, ALL],
  },
  // Nothing is sent for a strategy; what could add was withdrawn by the bot when the state began.
  LOCKED: {
    enter: [REFUSED('halted'), ALL],
    shrink: [REFUSED('halted'), ALL],
    protect: [REFUSED('kill_switch'), ALL],
    'move a target': [REFUSED('halted'), ALL],
    'move the stop': [REFUSED('kill_switch'), ALL],
    'loosen the stop': [REFUSED('halted'), ALL],
    'shrink the stop': [REFUSED('halted'), ALL],
    'end a target': [/^"locked"$/, ALL],
    'end the stop': [/^"protects"$/, ALL],
  },
};

describe('what leaves in each safety state', () => {
  const rows = Object.entries(TABLE).flatMap(([state, verbs]) =>
    Object.entries(verbs).map(([verb, row]) => [state as SafetyState, verb as Verb, row] as const),
  );

  it.each(rows)('%s: %s', async (state, verb, [answer, stands]) => {
    const told = await inState(state, verb);
    expect(told.answer).toMatch(answer);
    expect(told.stands).toBe(stands);
  });
});
