import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Brokerage, defineStrategy, type StrategyDefinition } from 'perpsbot';
import { bars, runStrategy } from 'perpsbot/testing';
import { FakeEventStore } from '../../support/memory-event-store.js';
import { instrument } from '#src/testing/instruments.js';
import { Market, strategySettings } from '../../support/strategy-parts.js';
import { CountingGateLedger } from '#src/services/runtime/state/counting-gate-ledger.js';
import { TallyKeeper } from '#src/services/strategy/tally-keeper.js';
import { hold } from '#src/domain/decision.js';
import { marks } from '#src/domain/units.js';
import { ManualClock } from '#src/testing/manual-clock.js';
import { ManualScheduler } from '#src/testing/manual-scheduler.js';

/** Long on its second bar, with a stop. */
const guarded = (stop: number): StrategyDefinition => {
  let seen = 0;
  return defineStrategy({
    name: 'guarded',
    setup: () => (seen = 0),
    onBar({ long }) {
      seen += 1;
      if (seen === 2) long({ why: 'in', stop, fraction: '10%' });
    },
  });
};
const bar = (open: number, high: number, low: number, close: number) => ({ open, high, low, close });
const still = bar(100, 100, 100, 100);

describe('the protective stop', () => {
  it('is sent with the entry and guards it from its first instant: the bar that fills it may stop it out', async () => {
    const { orders, fills } = await runStrategy(guarded(95), {
      bars: bars.ohlc('1m', [still, still, bar(100, 100, 90, 99), still]),
    });
    expect(orders.map(({ type, status }) => [type, status])).toEqual([
      ['market', 'filled'],
      ['stop_market', 'filled'],
    ]);
    const [entry, exit] = fills.map(({ at }) => at);
    expect((exit ?? NaN) - (entry ?? NaN)).toBeLessThan(60_000);
  });

  it('does not keep a strategy from closing: it takes no room from the close', async () => {
    let seen = 0;
    const leaving = defineStrategy({
      name: 'leaving',
      setup: () => (seen = 0),
      onBar({ long, flat }) {
        seen += 1;
        if (seen === 1) long({ why: 'in', stop: 90, fraction: '10%' });
        if (seen === 4) flat('out');
      },
    });
    const { result, orders } = await runStrategy(leaving, {
      bars: bars.ohlc(
        '1m',
        Array.from({ length: 8 }, () => still),
      ),
    });
    expect(result['position']).toMatchObject({ quantity: '0' });
    expect(orders.map(({ status }) => status)).toEqual([
      'filled',
      expect.stringMatching(/cancelled|expired/),
      'filled',
    ]);
  });
});

describe('where the venue holds no stop', () => {
  it('the strategy closes at the first mark at or beyond it, whatever its bars do', () => {
    const market = new Market(instrument()).push(100, 100);
    const strategy = guarded(95).create(strategySettings({ name: 'guarded' }), 5_000);
    strategy.decide(market.context());
    market.push(100);
    expect(strategy.decide(market.context()).action).toBe('buy');
    market.fill('buy', 1, 100);
    strategy.onFill({ instrument: market.of } as never, market.position);
    expect([strategy.decide(market.push(96).context()).action, strategy.decide(market.push(95).context())]).toEqual([
      'hold',
      expect.objectContaining({ action: 'close', reason: 'Stop 95 reached at 95', reduceOnly: true }),
    ]);
  });

  it('a restart gives the stop back to the very position it was for, and to no other', () => {
    const make = () => {
      const market = new Market(instrument()).push(100);
      const strategy = guarded(95).create(strategySettings({ name: 'guarded' }), 5_000);
      return { market, strategy };
    };
    const { market, strategy } = make();
    strategy.decide(market.context());
    strategy.decide(market.push(100).context());
    market.fill('buy', 1, 100);
    strategy.onFill({ instrument: market.of } as never, market.position);
    const saved = strategy.snapshot('BTC-PERP');
    expect(saved).toEqual({ side: 'long', stop: '95', opened_at: market.position.openedAt });

    const same = make();
    same.strategy.restore('BTC-PERP', saved ?? null);
    same.market.now = market.now;
    same.market.fill('buy', 1, 100);
    expect(same.strategy.decide(same.market.push(94).context()).action).toBe('close');
    expect(same.strategy.protection?.('BTC-PERP', same.market.position)).toBeDefined();

    const other = make();
    other.strategy.restore('BTC-PERP', saved ?? null);
    other.market.now = market.now + 1;
    other.market.fill('buy', 1, 100);
    expect(other.strategy.decide(other.market.push(94).context()).action).toBe('hold');
  });
});

describe('the ledger of gates and reasons', () => {
  it('counts decisions by reason, with the first time, symbol and mark, and tells entries held back from holds', () => {
    const ledger = new CountingGateLedger();
    const quiet = hold('No signal');
    for (let i = 0; i < 3; i += 1) ledger.decided('BTC-PERP', quiet, marks(100 + i), i);
    ledger.decided('ETH-PERP', hold('Spread too wide', { filterRejected: true }), marks(7), 9);
    ledger.decided('BTC-PERP', { action: 'buy', reason: 'up' }, marks(8), 10);
    ledger.decided('BTC-PERP', hold('No signal'), marks(9), 11);
    expect(ledger.reasons()).toEqual([
      { kind: 'hold', reason: 'No signal', times: 4, firstAt: 0, firstSymbol: 'BTC-PERP', firstMark: 100 },
      { kind: 'filtered', reason: 'Spread too wide', times: 1, firstAt: 9, firstSymbol: 'ETH-PERP', firstMark: 7 },
      { kind: 'entry', reason: 'up', times: 1, firstAt: 10, firstSymbol: 'BTC-PERP', firstMark: 8 },
    ]);
  });

  it('stays bounded when every reason is another', () => {
    const ledger = new CountingGateLedger();
    for (let i = 0; i < 1_000; i += 1) ledger.decided('BTC-PERP', hold(`close ${i}`), marks(1), i);
    expect(ledger.reasons()).toHaveLength(257);
    expect(ledger.reasons().at(-1)).toMatchObject({ reason: 'other reasons', times: 744 });
  });

  it('keeps what the first hold said of itself', () => {
    const ledger = new CountingGateLedger();
    ledger.hold('refused:min_size', 'BTC-PERP', 1, 60, 'Size must be at least 0.001, was 0');
    ledger.hold('refused:min_size', 'BTC-PERP', 2, 60, 'another');
    expect(ledger.report()).toEqual([
      {
        gate: 'refused:min_size',
        times: 2,
        heldMs: 120,
        firstAt: 1,
        firstSymbol: 'BTC-PERP',
        firstDetail: 'Size must be at least 0.001, was 0',
      },
    ]);
  });
});

describe('the tally in the journal', () => {
  const kept = () => {
    const [ledger, events, clock] = [new CountingGateLedger(), new FakeEventStore(), new ManualClock()];
    const scheduler = new ManualScheduler(clock);
    const keeper = new TallyKeeper(events, ledger, { find: () => instrument() } as never, scheduler, clock, {});
    return {
      ledger,
      events,
      scheduler,
      keeper,
      tallies: () => events.query({ types: ['trading_tally'] }).map(({ payload }) => payload),
    };
  };

  it('is written at the end, with gates, reasons and the start of the run, and leaves no timer', () => {
    const { ledger, keeper, scheduler, tallies } = kept();
    keeper.start();
    ledger.hold('session', 'BTC-PERP', 5, 1_000);
    ledger.decided('BTC-PERP', hold('No signal'), marks(10_000), 6);
    keeper.stop();
    expect(tallies()).toEqual([
      {
        since: expect.any(Number),
        cuts: [],
        handlers: [],
        gates: [{ gate: 'session', times: 1, held_ms: 1_000, first_at: 5, first_symbol: 'BTC-PERP', detail: null }],
        reasons: [
          { kind: 'hold', reason: 'No signal', times: 1, first_at: 6, first_symbol: 'BTC-PERP', first_mark: 10 },
        ],
      },
    ]);
    expect(scheduler.pending).toBe(0);
  });

  it('is not written again while nothing was counted', () => {
    const { keeper, tallies } = kept();
    keeper.start();
    keeper.stop();
    expect(tallies()).toEqual([]);
  });
});

it('the venue is asked for its orders by capability, which the exchange inside states', async () => {
  const { createBot } = await import('perpsbot');
  const bot = createBot({ config: { profile: 'demo', storage: { driver: 'memory' } } });
  expect(bot.container.get(Brokerage).capabilities).toMatchObject({
    brackets: true,
    orderTypes: expect.arrayContaining(['stop_market']),
  });
});
