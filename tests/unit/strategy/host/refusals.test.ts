import 'reflect-metadata';
import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from '@jest/globals';
import { testBot, type TestBot } from 'perpsbot/testing';
import { explanationOf } from '#src/backtest/explain/explanation.js';
import { Decimal } from '#src/domain/decimal.js';
import { lots } from '#src/domain/units.js';
import { OperatorControl } from '#src/ports/core-services/operator-control.js';
import type { StrategyDefinition } from '#src/ports/core-services/strategy.js';
import { GateLedger } from '#src/ports/runtime-state/runtime-state.js';
import type { EventStrategy } from '#src/ports/strategy/event-strategy.js';
import type { Intent } from '#src/ports/strategy/intent.js';
import type { ChangeAsk, IntentRefusal, OrderTicket } from '#src/ports/strategy/order-ticket.js';
import type { StrategyDesk } from '#src/ports/strategy/strategy-desk.js';
import { defineStrategy, limit, stopEntry, type BarContext } from '#src/services/strategy/define/index.js';
import { eventStrategy } from '#src/services/strategy/host/by-events.js';
import { OWN_CHECKS } from '#src/services/strategy/host/intent-checks.js';
import { FakeBroker } from '#src/testing/fake-broker.js';

const PERP = 'BTC-PERP';
const ADA = { actor: 'ada', reason: 'the table says so' };
const MINUTE = 60_000;
const why = 'the table says so';

let made: TestBot | undefined;
afterEach(async () => {
  made?.broker.heal();
  // What was not known is looked up again.
  await made?.advance(MINUTE);
  await made?.stop();
  made = undefined;
});

type Said = OrderTicket | ChangeAsk | undefined;
interface Rig {
  readonly bot: TestBot;
  readonly broker: FakeBroker;
}
interface Row {
  readonly check: string;
  readonly isTransient: boolean;
  readonly config?: object;
  /** One a step of the strategy; what the last of them answers is what the row is about. */
  readonly steps: readonly Step[];
  /** What others do after the step of that number. */
  readonly then?: Readonly<Record<number, (rig: Rig) => unknown>>;
  /** The last step is asked while the bot goes down. */
  readonly goingDown?: true;
}
type Step = { readonly desk: (desk: StrategyDesk) => Said } | { readonly verb: (context: BarContext<unknown>) => Said };

type Terms = Partial<Omit<Intent, 'limit' | 'stop' | 'lots'>> & { readonly limit?: number; readonly stop?: number };
function ask(desk: StrategyDesk, tag: string, { limit: at, stop, ...terms }: Terms = {}): OrderTicket {
  const instrument = desk.instrument(PERP);
  const ticks = (price: number) => instrument.toTicks(new Decimal(price), 'nearest');
  return desk.place({
    ...{ instrument, side: 'buy', type: 'market', lots: lots(10), role: 'entry', tag, why },
    ...(at === undefined ? {} : { type: 'limit', limit: ticks(at) }),
    ...(stop === undefined ? {} : { stop: ticks(stop) }),
    ...terms,
  });
}

const EXIT = { side: 'sell', role: 'exit', reduceOnly: true } as const;
const enters: Step = { desk: (desk) => ask(desk, 'in') };
const bids: Step = { desk: (desk) => ask(desk, 'bid', { limit: 40_000 }) };
const asksMore: Step = { desk: (desk) => ask(desk, 'more') };
const quiet: Step = { desk: () => undefined };
const fillIt = ({ broker }: Rig): unknown => broker.fill(broker.lastPlaced);
const FAILS: Step = {
  desk: () => {
    throw new Error('on purpose');
  },
};

/** An entry of the short form at 50,000. */
const order = { why, quantity: '0.01' as unknown as number, stop: 45_000 } as const;
const long: Step = { verb: (context) => context.long(order) };

const TABLE: Readonly<Record<string, Row>> = {
  'a tag of another alphabet': {
    ...{ check: 'tag', isTransient: false },
    steps: [{ desk: (desk) => ask(desk, 'no spaces') }],
  },
  'a tag that is open': { check: 'duplicate_tag', isTransient: true, steps: [bids, bids] },
  'a symbol whose marks are stale': {
    ...{ check: 'reduce_only_block', isTransient: true, steps: [quiet, asksMore] },
    then: {
      // Venues that repeat an old price: nothing has been heard since.
      1: async ({ bot, broker }) => {
        const quote = await broker.getQuote(PERP);
        broker.always('getQuote', { reply: () => ({ ...quote, at: bot.clock.now() - 10 * MINUTE }) });
        await bot.advance(10 * MINUTE);
      },
    },
  },
  'a person who holds what adds': {
    ...{ check: 'reduce_only_block', isTransient: true, steps: [enters, asksMore] },
    then: { 1: ({ bot }) => bot.get(OperatorControl).reduceOnly(ADA, 0) },
  },
  'a person who halts': {
    ...{ check: 'halted', isTransient: true, steps: [enters, asksMore] },
    then: { 1: ({ bot }) => bot.get(OperatorControl).halt(ADA, 0) },
  },
  'a person who halts, and a change': {
    ...{ check: 'halted', isTransient: true },
    steps: [bids, { desk: (desk) => desk.find('bid')?.amend({ limit: 40_001, why }) }],
    then: { 1: ({ bot }) => bot.get(OperatorControl).halt(ADA, 0) },
  },
  'a strategy that failed again and again': {
    ...{ check: 'suspended', isTransient: false, steps: [FAILS, FAILS, FAILS, asksMore] },
  },
  'a bot that goes down': { check: 'stopping', isTransient: true, steps: [quiet, asksMore], goingDown: true },
  'too many that were refused': {
    ...{ check: 'storm', isTransient: true },
    steps: [
      {
        desk: (desk) => {
          for (let nth = 0; nth < 64; nth += 1) ask(desk, 'no spaces');
          return ask(desk, 'in');
        },
      },
    ],
  },
  'a filter of the symbol': {
    ...{ check: 'entry_filter', isTransient: true, steps: [asksMore] },
    config: { strategy: { perSymbol: { [PERP]: { trendFilter: { window: 3, minSlope: 0 } } } } },
  },
  'a dry run': { check: 'dry_run', isTransient: false, config: { dryRun: true }, steps: [asksMore] },
  'an exit where all is being closed': {
    ...{ check: 'nothing_to_do', isTransient: true },
    steps: [enters, { desk: (desk) => (ask(desk, 'out', EXIT), ask(desk, 'again', EXIT)) }],
    then: { 1: fillIt },
  },
  'an order that the venue does not know': {
    ...{ check: 'unsupported', isTransient: false },
    steps: [enters, { desk: (desk) => ask(desk, 'trail', { ...EXIT, type: 'trailing_stop', trailBps: 100 }) }],
    then: { 1: fillIt },
  },
  'a change of what is not known to stand': {
    ...{ check: 'changing', isTransient: true },
    steps: [bids, { desk: (desk) => desk.find('bid')?.amend({ limit: 40_001, why }) }],
    then: {
      0: ({ broker }) =>
        broker.always('placeOrder', { lost: 'answer' }).always('getOrder', { throws: new Error('down') }),
    },
  },
  'a change of what has ended': {
    ...{ check: 'not_open', isTransient: true },
    steps: [enters, { desk: (desk) => desk.find('in')?.amend({ quantity: 1, why }) }],
    then: { 1: fillIt },
  },
  'a stop that the bot keeps': {
    ...{ check: 'kept', isTransient: true },
    steps: [long, { verb: ({ orders }) => orders.find('stop')?.amend({ stop: 46_000, why }) }],
    then: { 1: fillIt },
  },
  'an entry where nobody would cover its fill': {
    ...{ check: 'unprotected', isTransient: true, config: { execution: { allowUncoveredEntries: false } } },
    steps: [{ verb: (context) => context.long({ ...order, entry: limit(48_000) }) }],
  },
  'the side it is on': { check: 'already', isTransient: true, steps: [long, long], then: { 1: fillIt } },
  'shorts that are off': {
    ...{ check: 'shorts_off', isTransient: true },
    steps: [{ verb: (context) => context.short({ ...order, stop: 55_000 }) }],
  },
  'entries that are off': {
    ...{ check: 'entries_disabled', isTransient: true, config: { strategy: { disableNewEntries: true } } },
    steps: [long],
  },
  'the short form where a person holds what adds': {
    ...{ check: 'reduce_only_block', isTransient: true, steps: [{ verb: () => undefined }, long] },
    then: { 1: ({ bot }) => bot.get(OperatorControl).reduceOnly(ADA, 0) },
  },
  'a stop on the wrong side': {
    ...{ check: 'stop', isTransient: true },
    steps: [{ verb: (context) => context.long({ ...order, stop: 55_000 }) }],
  },
  'a take-profit on the wrong side': {
    ...{ check: 'take_profit', isTransient: true },
    steps: [{ verb: (context) => context.long({ ...order, takeProfit: { at: 49_000 } }) }],
  },
  'less than one step': {
    ...{ check: 'size', isTransient: true },
    steps: [{ verb: (context) => context.long({ ...order, quantity: 1e-9 }) }],
  },
  'a trigger behind the mark': {
    ...{ check: 'entry', isTransient: true },
    steps: [{ verb: (context) => context.long({ ...order, entry: stopEntry(49_000) }) }],
  },
  'nothing to add to': {
    ...{ check: 'flat', isTransient: true },
    steps: [{ verb: ({ add }) => add({ why, quantity: 1 }) }],
  },
};

/** Codes that nothing in the code can answer with, and what they wait for. */
const LATER: Readonly<Record<string, string>> = {
  not_owner: 'one configuration has one strategy: two that would own a symbol cannot be configured',
  budget: 'limits of one strategy come with several in one account',
  no_feed: 'executors come with the feeds that they need',
};
/** In a room of its own: bars that are told late. */
const ELSEWHERE = ['past'];

function definitionOf({ steps, goingDown }: Row, said: Said[]): StrategyDefinition {
  let step = 0;
  const [first] = steps;
  if (first !== undefined && 'verb' in first)
    return defineStrategy({
      name: 'table',
      onBar(context: BarContext<unknown>) {
        const now = steps[step];
        step += 1;
        if (now !== undefined && 'verb' in now) said.push(now.verb(context));
      },
    });
  const act = (desk: StrategyDesk): void => {
    const now = steps[step];
    step += 1;
    if (now !== undefined && 'desk' in now) said.push(now.desk(desk));
  };
  return eventStrategy({
    name: 'table',
    parameters: [],
    create: (_settings, symbols): EventStrategy => ({
      name: 'table',
      needs: { symbols, timeframes: [] },
      onStep(desk) {
        if (goingDown !== true || step < steps.length - 1) act(desk);
      },
      ...(goingDown === true ? { onStop: act } : {}),
      snapshot: () => undefined,
      restore: () => undefined,
    }),
  });
}

const refusalIn = (said: Said): IntentRefusal | undefined =>
  said === undefined ? undefined : 'refusal' in said ? said.refusal : undefined;

describe('what a strategy is refused', () => {
  it.each(Object.entries(TABLE))('%s: in hand, with its check, and counted', async (_what, row) => {
    const said: Said[] = [];
    const broker = new FakeBroker();
    made = await testBot({ strategies: [definitionOf(row, said)], broker, config: row.config ?? {} }).open();
    const rig = { bot: made, broker };
    await row.then?.[0]?.(rig);
    for (let step = 1; step <= row.steps.length; step += 1) {
      await made.cycle(step === 1 ? { [PERP]: 50_000 } : {});
      await row.then?.[step]?.(rig);
    }
    const ledger = made.get(GateLedger);
    if (row.goingDown === true) await made.stop();
    else await made.cycle();
    const refusal = refusalIn(said.at(-1));
    expect(refusal).toMatchObject({ check: row.check, isTransient: row.isTransient });
    const { causes } = explanationOf({
      ...{ fills: 0, steps: undefined, venue: [], markText: String },
      ...{ gates: ledger.report(), reasons: ledger.reasons?.() ?? [] },
    });
    expect(causes.map(({ name }) => name)).toContainEqual(
      expect.stringMatching(new RegExp(`^(${row.check}|${refusal?.reason.replace(/[()[\]?.+]/g, '.') ?? ''})$`)),
    );
  });

  it('a bar that is told late: in hand, with its check, and counted', async () => {
    const said: (OrderTicket | undefined)[] = [];
    const definition = eventStrategy({
      name: 'table',
      parameters: [],
      create: (_settings, symbols): EventStrategy => ({
        name: 'table',
        needs: { symbols, timeframes: [{ ms: MINUTE, lookback: 1 }] },
        onBar(bar, desk) {
          if (desk.now - bar.at > MINUTE) said.push(ask(desk, `at/${bar.at}`));
        },
        snapshot: () => undefined,
        restore: () => undefined,
      }),
    });
    made = await testBot({ strategies: [definition], config: { updateInterval: '15s' } }).open();
    for (let i = 0; i < 10; i += 1) await made.cycle({ [PERP]: 50_000 + i });
    await made.advance(10 * MINUTE);
    await made.cycles(4);
    expect(said[0]?.refusal).toMatchObject({ check: 'past', isTransient: true });
    expect(made.get(GateLedger).report()).toContainEqual(expect.objectContaining({ gate: 'refused:past' }));
  });

  it('has a row for each code that the code has, and none for those that must wait', () => {
    const rows = new Set(Object.values(TABLE).map(({ check }) => check));
    const own = Object.keys(OWN_CHECKS).filter((check) => !ELSEWHERE.includes(check));
    // What `unprotected` says is of the order's way, where every entry passes.
    expect([...rows].sort()).toEqual([...own, 'unprotected'].sort());
    expect(Object.keys(LATER).filter((check) => check in OWN_CHECKS)).toEqual([]);
  });

  it('stands in the page on strategies, code by code', () => {
    const page = readFileSync('docs/strategies.md', 'utf8');
    expect(
      [...Object.keys(OWN_CHECKS), 'unprotected'].filter(
        (check) => !page.includes(`| \`${check}\``) && !page.includes(`, \`${check}\``),
      ),
    ).toEqual([]);
  });
});
