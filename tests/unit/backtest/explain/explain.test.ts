import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { defineStrategy, type EntryOrder, type StrategyDefinition } from 'perpsbot';
import { openBacktest } from '#di/backtest.js';
import { resolveConfig } from '#config/index.js';
import { explainJournal } from '#src/backtest/explain/journal-explanation.js';
import { explanationOf, type Explanation } from '#src/backtest/explain/explanation.js';
import { VenueRefusals } from '#src/backtest/explain/venue-refusals.js';
import type { StoredEvent } from '#src/ports/storage/event-store.js';
import { columns } from '../fake-house.js';

const QUIET = Array.from({ length: 30 }, () => 5_000_000);

/** Wants to be long on every bar. */
const eager = (order: Partial<EntryOrder> = {}): StrategyDefinition =>
  defineStrategy({
    name: 'eager',
    setup: () => undefined,
    onBar({ position, long }) {
      if (position.isFlat) long({ why: 'always', stop: 'none', fraction: '5%', ...order } as EntryOrder);
    },
  });

/** Asks for more leverage than risk allows. */
const asking: StrategyDefinition = {
  name: 'asking',
  parameters: [],
  lookback: () => 1,
  create: () => ({
    name: 'asking',
    lookback: 1,
    needsSnapshot: false,
    decide: ({ instrument }) => ({ action: 'buy', reason: 'always', quantity: instrument.minLots, leverage: 50 }),
    onFill: () => undefined,
    snapshot: () => undefined,
    restore: () => undefined,
  }),
};

/** What `explain` says of a run with one thing planted. */
async function explained(
  config: Record<string, unknown>,
  strategy?: StrategyDefinition,
  closes = QUIET,
): Promise<Explanation> {
  const bars = columns(closes);
  const settings = resolveConfig({
    profile: 'demo',
    world: 'backtest',
    dryRun: false,
    symbols: ['BTC-PERP'],
    updateInterval: '1m',
    streaming: { enabled: false },
    storage: { driver: 'memory' },
    logging: { level: 'error' },
    ...config,
    strategy: {
      ...(strategy === undefined ? {} : { name: strategy.name }),
      ...(config['strategy'] as object | undefined),
    },
  });
  const session = await openBacktest(settings, {
    mode: 'fast',
    startAt: 0,
    ...(strategy === undefined ? {} : { strategies: [strategy] }),
  });
  const { runner } = session;
  const { gates, orders } = runner.watched;
  const refusals = new VenueRefusals(orders);
  try {
    const { result } = await runner.run(bars, { parameters: {} });
    return explanationOf({
      fills: result.fills,
      trades: result.trades,
      cuts: gates.cuts?.() ?? [],
      steps: result.bars,
      gates: gates.report(),
      reasons: gates.reasons?.() ?? [],
      venue: refusals.causes(),
      markText: (_symbol, mark) => String(mark),
    });
  } finally {
    refusals.close();
    await session.close();
  }
}

describe('the headline of a run without trades names the planted cause', () => {
  it.each<readonly [string, () => Promise<Explanation>, RegExp]>([
    [
      'the kill switch',
      () => explained({ risk: { killSwitch: true } }, eager()),
      /kill_switch held 30 steps back, 30m \(Halted: only protection is sent until perpsbot resume; perpsbot status says why; equity 10000, mark /,
    ],
    [
      'reduce-only',
      () => explained({ risk: { reduceOnly: true } }, eager()),
      /reduce_only|Reduce-only mode - no new entries/,
    ],
    [
      'a session that is closed',
      () => explained({ session: { start: '10:00', end: '11:00' } }, eager()),
      /session held 30 steps back/,
    ],
    [
      'a warm-up longer than the data',
      () => explained({ strategy: { name: 'baseline', shortMa: 5, longMa: 200 } }),
      /all 30 steps were warm-up/,
    ],
    [
      'no cross',
      () => explained({ strategy: { name: 'baseline', shortMa: 2, longMa: 4 } }),
      /asked for no entry\. Most often it said "No signal" \(26 times\)/,
    ],
    [
      'entries that are switched off',
      () => explained({ strategy: { disableNewEntries: true } }, eager()),
      /"New entries disabled" \(30 times\)/,
    ],
    [
      'a position limit',
      () => explained({ risk: { maxPositionSize: '10 USDT' } }, eager()),
      /30 entries wanted, and a guard of the strategy stopped 30: Not one step of 0\.\d+ BTC fits: risk\.maxPositionSize allows less/,
    ],
    [
      'a size below the minimum',
      () => explained({}, eager({ fraction: '0.000001%' })),
      /a guard of the strategy stopped 30: Not one step of 0\.\d+ BTC fits: the entry asks for less/,
    ],
    [
      'a stop on the wrong side',
      () =>
        explained({}, eager({ stop: 99_000_000, risk: '1%', fraction: undefined } as unknown as Partial<EntryOrder>)),
      /a guard of the strategy stopped 30: Stop of a long must be below the mark/,
    ],
    [
      'a refusal by risk',
      () => explained({ risk: { ordersPerMinute: 1, priceCollar: '1bps' } }, asking),
      /30 entries wanted, and risk stopped 30: leverage \(Leverage must be above 0/,
    ],
    [
      'a market filter',
      () =>
        explained(
          {
            strategy: {
              name: 'enhanced',
              shortMa: 2,
              longMa: 4,
              params: { minDepthL1: 1e12, requireRsiConfirmation: false },
            },
          },
          undefined,
          [...QUIET.slice(0, 20), ...QUIET.slice(0, 10).map((price, i) => price + 10_000 * (i + 1))],
        ),
      /a filter stopped 1: /,
    ],
  ])('%s', async (_name, run, headline) => {
    const explanation = await run();
    expect([explanation.fills, explanation.trades]).toEqual([0, 0]);
    expect(explanation.headline).toMatch(headline);
  });

  it('and the first instance has its time, symbol and values', async () => {
    const { causes } = await explained({ risk: { killSwitch: true } }, eager());
    expect(causes[0]).toMatchObject({
      kind: 'gate',
      name: 'kill_switch',
      times: 30,
      heldMs: 1_800_000,
      first: { at: 60_000, symbol: 'BTC-PERP', detail: expect.stringContaining('equity 10000') },
    });
  });

  it('and nothing is in the way of a strategy that trades', async () => {
    const { headline, entries, causes } = await explained({}, eager());
    expect([headline, entries]).toEqual(['1 fill.', 1]);
    expect(causes.every(({ kind }) => kind === 'decision')).toBe(true);
  });
});

describe('refusals by the venue', () => {
  it('are counted by their own reason, once an order', () => {
    const listeners: ((order: never, previous: never) => void)[] = [];
    const refusals = new VenueRefusals({
      onChange: (listener) => (listeners.push(listener), () => void (listeners.length = 0)),
    });
    const order = (status: string, reason?: string): never =>
      ({ status, reason, updatedAt: 5, request: { symbol: 'BTC-PERP' } }) as never;
    const tell = (next: never, previous: never): void => listeners.forEach((listener) => listener(next, previous));
    tell(order('rejected', 'min_notional: Notional must be at least 5'), order('sending'));
    tell(order('rejected', 'min_notional: Notional must be at least 5'), order('rejected'));
    tell(order('rejected', 'min_notional: Notional must be at least 7'), order('sending'));
    tell(order('filled'), order('open'));
    expect(refusals.causes()).toEqual([
      {
        kind: 'venue',
        name: 'min_notional',
        times: 2,
        first: { at: 5, symbol: 'BTC-PERP', detail: 'min_notional: Notional must be at least 5' },
      },
    ]);
    refusals.close();
    expect(listeners).toEqual([]);
  });

  it('stand beside orders that never reached it, and these are named as the reason', () => {
    const listeners: ((order: never, previous: never) => void)[] = [];
    const refusals = new VenueRefusals({ onChange: (listener) => (listeners.push(listener), () => undefined) });
    const order = (status: string): never => ({ status, updatedAt: 5, request: { symbol: 'BTC-PERP' } }) as never;
    for (const listener of listeners) listener(order('lost'), order('unknown'));
    const { headline } = explanationOf({
      fills: 0,
      steps: 3,
      gates: [],
      reasons: [],
      venue: refusals.causes(),
      markText: String,
    });
    expect(headline).toBe(
      'Nothing was traded: 1 entry wanted, and the way to the venue stopped 1: lost (the order ran out before the market had it; see simulation.latency).',
    );
  });
});

describe('the journal', () => {
  const event = (type: string, payload: Record<string, unknown>, at = 1): StoredEvent =>
    ({ seq: at, at, type, payload }) as unknown as StoredEvent;
  const tally = (since: number, times: number, at: number): StoredEvent =>
    event(
      'trading_tally',
      {
        since,
        gates: [
          { gate: 'session', times, held_ms: times * 1_000, first_at: 3, first_symbol: 'BTC-PERP', detail: null },
        ],
        reasons: [
          { kind: 'hold', reason: 'No signal', times: 4, first_at: 9, first_symbol: 'BTC-PERP', first_mark: 100.5 },
        ],
      },
      at,
    );

  it('is read by the newest tally of each run, because they grow, and runs are added up', () => {
    const { headline, causes, steps } = explainJournal([tally(1, 5, 2), tally(1, 10, 3), tally(7, 20, 8)]);
    expect(causes.find(({ name }) => name === 'session')).toMatchObject({
      times: 30,
      heldMs: 30_000,
      first: { at: 3, symbol: 'BTC-PERP' },
    });
    expect([headline, steps]).toEqual(['Nothing was traded: session held 30 steps back, 30s.', 8]);
  });

  it('without a tally still tells what was refused and filtered, and what the venue rejected, each order once', () => {
    const { causes } = explainJournal([
      event('risk_rejected', { symbol: 'BTC-PERP', check: 'leverage', reason: 'Leverage must be at most 3' }),
      event('strategy_rejection', { symbol: 'BTC-PERP', rejection_type: 'spread', reason: 'Spread too wide' }),
      event('order', { client_id: 'a', symbol: 'BTC-PERP', status: 'rejected', reason: 'insufficient_margin: no' }),
      event('order', { client_id: 'a', symbol: 'BTC-PERP', status: 'rejected', reason: 'insufficient_margin: no' }),
    ]);
    expect(causes.map(({ kind, name, times }) => [kind, name, times])).toEqual([
      ['venue', 'insufficient_margin', 1],
      ['risk', 'leverage', 1],
      ['filter', 'spread', 1],
    ]);
  });

  it('with nothing in it says so', () => {
    expect(explainJournal([]).headline).toBe(
      'Nothing was traded, and nothing was counted: the bot was not asked to trade.',
    );
  });
});
