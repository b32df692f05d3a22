import { describe, expect, it } from '@jest/globals';
import type { BookSnapshot } from '#src/domain/market.js';
import { lots, units } from '#src/domain/units.js';
import { venueOrderId } from '#src/domain/order.js';
import type { ImpactEstimate, SizingContext } from '#src/ports/core-services/risk-manager.js';
import type { PendingWork } from '#src/ports/runtime-state/runtime-state.js';
import type { Scheduler } from '#src/ports/configuration/scheduler.js';
import type { RiskSettings } from '#src/ports/configuration/settings/risk-settings.js';
import { BookImpactEstimator, impactOf } from '#src/services/risk/book-impact-estimator.js';
import { ManualClock } from '#src/testing/manual-clock.js';
import { FakeConfigController, testConfig } from '../../support/config.js';
import { FakeBroker } from '#src/testing/fake-broker.js';
import { RecordingLogger } from '#src/testing/recording-logger.js';
import { BTC, d, Desk, settle, WIDE } from './harness.js';

const context = (desk: Desk, overrides: Partial<SizingContext> = {}): SizingContext => ({
  instrument: BTC,
  side: 'buy',
  equity: desk.portfolio.equity,
  mark: BTC.toMarks(d(50_000)),
  fraction: d('0.1'),
  leverage: 3,
  ...overrides,
});

describe('position sizing', () => {
  it('is equity times fraction times leverage, floored to whole lots', () => {
    const desk = new Desk(WIDE);
    const advice = desk.risk.sizePosition(context(desk, { equity: BTC.toUnits(d(100_000), 'floor') }));
    expect([
      BTC.money(advice.notional).toString(),
      BTC.size(advice.lots).toString(),
      advice.dynamic,
      advice.reduceOnly,
    ]).toEqual(['30000', '0.6', false, false]);
    const odd = desk.risk.sizePosition(context(desk, { mark: BTC.toMarks(d('50100')) }));
    expect(BTC.size(odd.lots).toString()).toBe('0.059');
  });

  it('applies the multiplier', () => {
    const desk = new Desk({ ...WIDE, positionSizingMultiplier: d('0.5') });
    expect(desk.risk.sizePosition(context(desk)).lots).toBe(30);
  });

  it('advises nothing in reduce-only mode, without equity and without a mark', async () => {
    const desk = new Desk(WIDE);
    expect(desk.risk.sizePosition(context(desk, { equity: units(0) })).lots).toBe(0);
    expect(desk.risk.sizePosition(context(desk, { mark: BTC.toMarks(d(0)) })).lots).toBe(0);
    await desk.ladder.tighten('REDUCE_ONLY', 'test');
    expect(desk.risk.sizePosition(context(desk))).toEqual({
      notional: 0,
      lots: 0,
      reduceOnly: true,
      dynamic: false,
      reason: 'reduce_only_mode',
    });
  });

  it('takes the whole size when its impact fits, and the largest that fits when it does not (B-104)', () => {
    const desk = new Desk({ ...WIDE, dynamicPositionSizing: true, maxMarketImpactBps: d(15) });
    desk.estimator.estimate = (...args: unknown[]): ImpactEstimate => ({
      impactBps: d(args[2] as number).div(2),
      slippageCost: d(0),
      liquiditySufficient: true,
    });
    expect(desk.risk.sizePosition(context(desk))).toMatchObject({
      lots: 30,
      dynamic: true,
      reason: 'reduced to the impact limit',
    });
    expect(desk.risk.sizePosition(context(desk, { fraction: d('0.05') }))).toMatchObject({
      lots: 30,
      dynamic: true,
      reason: 'within impact limit',
    });
  });

  it('falls back to the plain size, and says so, when the book is not known or the estimator fails (B-47)', () => {
    const desk = new Desk({ ...WIDE, dynamicPositionSizing: true });
    expect(desk.risk.sizePosition(context(desk))).toMatchObject({ lots: 60, dynamic: false, reason: 'book unknown' });
    desk.estimator.answer = new Error('broken');
    expect(desk.risk.sizePosition(context(desk))).toMatchObject({
      lots: 60,
      dynamic: false,
      reason: 'estimate failed',
    });
    expect(desk.events.payloads('position_sizing_error')).toEqual([{ symbol: 'BTC-PERP', error: 'broken' }]);
    expect(desk.events.payloads('position_sizing_advice').at(-1)).toEqual({
      symbol: 'BTC-PERP',
      side: 'buy',
      target_notional: '3000',
      target_quantity: '0.06',
      used_dynamic: false,
      reduce_only: false,
      fallback_used: true,
      reason: 'estimate failed',
    });
  });

  it('uses half the Kelly fraction of closed trades, never more than the strategy asks for', () => {
    const desk = new Desk({ ...WIDE, dynamicPositionSizing: true, positionSizingMethod: 'kelly' });
    const price = (value: number) => BTC.toTicks(d(value), 'nearest');
    const fill = (side: 'buy' | 'sell', at: number) =>
      desk.portfolio.applyFill({
        tradeId: 't',
        clientId: 'c',
        venueId: venueOrderId('v'),
        instrument: BTC,
        side,
        lots: lots(10),
        price: price(at),
        fee: units(0),
        liquidity: 'taker',
        at: 0,
      });
    const roundTrip = (exit: number): void => {
      fill('buy', 100);
      fill('sell', exit);
    };
    expect(desk.risk.sizePosition(context(desk))).toMatchObject({ lots: 60, dynamic: false });
    for (let i = 0; i < 20; i += 1) roundTrip(i % 5 < 3 ? 101 : 99);
    expect(desk.risk.sizePosition(context(desk)).dynamic).toBe(false);
    for (let i = 0; i < 20; i += 1) roundTrip(i % 5 < 3 ? 101 : 99);
    // W = 0.6, R = 1: Kelly 0.2, half 0.1.
    expect(desk.risk.sizePosition(context(desk, { fraction: d('0.5') }))).toMatchObject({
      lots: 60,
      dynamic: true,
      reason: 'kelly',
    });
    expect(desk.risk.sizePosition(context(desk, { fraction: d('0.05') }))).toMatchObject({ lots: 30 });
    for (let i = 0; i < 40; i += 1) roundTrip(98);
    expect(desk.risk.sizePosition(context(desk)).lots).toBe(0);
  });
});

const BOOK: BookSnapshot = {
  symbol: 'BTC-PERP',
  bids: [
    { price: d('99.9'), size: d(10) },
    { price: d('99.8'), size: d(10) },
  ],
  asks: [
    { price: d('100.1'), size: d(10) },
    { price: d('100.2'), size: d(10) },
    { price: d('101'), size: d(100) },
  ],
  at: 0,
};

describe('impact of an order on a book', () => {
  it.each([
    ['buy', '10', '10', '1', true],
    ['buy', '20', '15', '3', true],
    ['sell', '20', '15', '3', true],
    ['buy', '120', '85.83', '103', true],
    ['sell', '21', '15', '3', false],
  ] as const)(
    '%s %s: %s bps against the mid, costing %s, all of it fillable: %p',
    (side, size, bps, cost, sufficient) => {
      const estimate = impactOf(BOOK, side, d(size), d(1_000), d(1));
      expect(estimate?.impactBps.toDecimalPlaces(2).toString()).toBe(bps);
      expect(estimate?.slippageCost.toString()).toBe(cost);
      expect(estimate?.liquiditySufficient).toBe(sufficient);
    },
  );

  it('scales with the expected slippage factor, as a factor and not as basis points (B-70)', () => {
    expect(impactOf(BOOK, 'buy', d(10), d(1_000), d('1.5'))?.impactBps.toString()).toBe('15');
  });

  it('recommends a slice within the limit when the order does not fit, and none when it does', () => {
    expect(impactOf(BOOK, 'buy', d(120), d(20), d(1))?.maxSlice?.toString()).toBe('20');
    expect(impactOf(BOOK, 'buy', d(10), d(20), d(1))?.maxSlice).toBeUndefined();
  });

  it('knows nothing with one side empty', () => {
    expect(impactOf({ ...BOOK, bids: [] }, 'buy', d(1), d(20), d(1))).toBeUndefined();
  });
});

describe('impact estimator', () => {
  const asked = (broker: FakeBroker): number => broker.called().filter((call) => call === 'getOrderBook').length;
  const setUp = (risk: Partial<RiskSettings> = {}) => {
    const broker = new FakeBroker().always('getOrderBook', { value: BOOK });
    const clock = new ManualClock();
    const logger = new RecordingLogger();
    const tracked: Promise<unknown>[] = [];
    const pending: PendingWork = { count: 0, track: (work) => void tracked.push(work), idle: () => Promise.resolve() };
    const aborter = new AbortController();
    const scheduler: Scheduler = {
      pending: 0,
      after: () => () => undefined,
      sleep: () => {
        aborter.abort();
        return Promise.resolve();
      },
    };
    const config = new FakeConfigController(testConfig({ risk, updateIntervalMs: 1_000 }));
    return {
      broker,
      clock,
      logger,
      tracked,
      aborter,
      estimator: new BookImpactEstimator(broker, config, clock, scheduler, pending, logger),
    };
  };

  it('answers from the real book, asks for it when it is missing, and never invents one (B-60)', async () => {
    const { estimator, tracked, broker } = setUp();
    expect(estimator.estimate(BTC, 'buy', lots(10_000))).toBeUndefined();
    expect(estimator.estimate(BTC, 'buy', lots(10_000))).toBeUndefined();
    await Promise.all(tracked);
    expect(asked(broker)).toBe(1);
    expect(estimator.estimate(BTC, 'buy', lots(10_000))?.impactBps.toString()).toBe('10');
  });

  it('does not use a book that has grown old', async () => {
    const { estimator, clock } = setUp();
    await estimator.refresh('BTC-PERP');
    clock.advance(3_000);
    expect(estimator.estimate(BTC, 'buy', lots(1_000))).toBeDefined();
    clock.advance(1);
    expect(estimator.estimate(BTC, 'buy', lots(1_000))).toBeUndefined();
  });

  it('keeps the old book and logs when the venue cannot tell', async () => {
    const { estimator, broker, logger, clock } = setUp();
    await estimator.refresh('BTC-PERP');
    broker.always('getOrderBook', { throws: new Error('offline') });
    clock.advance(1_000);
    await estimator.refresh('BTC-PERP');
    expect(logger.at('warn')).toEqual(['Order book is not available']);
    expect(estimator.estimate(BTC, 'buy', lots(1_000))).toBeDefined();
  });

  it('keeps books current as a task while something needs them, until it is stopped', async () => {
    expect(setUp().estimator.enabled).toBe(false);
    expect(setUp({ dynamicPositionSizing: true }).estimator.enabled).toBe(true);
    const { estimator, broker, aborter } = setUp({ marketImpactGuard: true });
    expect(estimator.enabled).toBe(true);
    await estimator.run(aborter.signal);
    await settle();
    expect(asked(broker)).toBe(1);
  });
});
