import { describe, expect, it } from '@jest/globals';
import { ticks, type Lots } from '#src/domain/units.js';
import { instrument as makeInstrument } from '#src/testing/instruments.js';
import { BTC, d, Desk, ETH, WIDE } from './harness.js';

const HOUR = 3_600_000;
const MIDNIGHT = Date.UTC(2024, 0, 2);

describe('pre-trade risk, golden vectors', () => {
  it.each([
    ['1.1', {}, 'leverage'],
    ['0.99', {}, 'approved'],
    ['0.7', { leverageMaxPerSymbol: { 'BTC-PERP': d(3) } }, 'leverage'],
    ['0.59', { leverageMaxPerSymbol: { 'BTC-PERP': d(3) } }, 'approved'],
  ])('leverage: %s at 50,000 on 10,000 of equity, cap 5 and %j', (size, limits, expected) => {
    const desk = new Desk({ ...WIDE, maxLeverage: d(5), ...limits });
    expect(desk.verdict(desk.intent('buy', size))).toBe(expected);
  });

  it('leverage: the message names what was asked and the cap', () => {
    const desk = new Desk({ ...WIDE, maxLeverage: d(5) });
    expect(desk.reason(desk.intent('buy', '1.1'))).toBe('Leverage of BTC-PERP must be at most 5x, was 5.50x.');
  });

  it.each([
    ['0.9', 'liquidation_buffer'],
    ['0.851', 'liquidation_buffer'],
    ['0.85', 'approved'],
  ])('liquidation buffer: %s at 50,000, cap 5, at least 15 percent, inclusive', (size, expected) => {
    const desk = new Desk({ ...WIDE, maxLeverage: d(5), minLiquidationBuffer: d('0.15') });
    expect(desk.verdict(desk.intent('buy', size))).toBe(expected);
  });

  it.each([
    ['0.05', 'max_position_pct'],
    ['0.041', 'max_position_pct'],
    ['0.04', 'approved'],
  ])('exposure: %s at 50,000, at most 20 percent of 10,000 in one symbol, inclusive', (size, expected) => {
    const desk = new Desk({ ...WIDE, maxPositionPctPerSymbol: d('0.2') });
    expect(desk.verdict(desk.intent('buy', size))).toBe(expected);
  });

  it('portfolio: 2,000 of BTC on top of 6,300 of ETH passes 80 percent of 10,000 and is refused (B-51)', () => {
    const desk = new Desk({ ...WIDE, maxExposurePct: d('0.8') });
    desk.quote(ETH, 2_100);
    desk.hold(ETH, 3);
    expect(desk.reason(desk.intent('buy', '0.04'))).toBe(
      'Exposure of all symbols must be at most 80.00% of equity, was 83.00% (8300).',
    );
    expect(desk.verdict(desk.intent('buy', '0.034'))).toBe('approved');
  });

  it('reduce-only: selling 0.03 against a long of 0.01 is capped at 0.01 and never flips (B-49)', () => {
    const desk = new Desk(WIDE);
    desk.hold(BTC, '0.01');
    const verdict = desk.risk.approve(desk.intent('sell', '0.03', { reduceOnly: true }), desk.now);
    expect(verdict).toMatchObject({ approved: true, value: { lots: 10, reduceOnly: true } });
  });

  it('reduce-only: without the flag, selling 0.03 against a long of 0.01 is refused while the state is REDUCE_ONLY (B-49)', async () => {
    const desk = new Desk(WIDE);
    desk.hold(BTC, '0.01');
    await desk.ladder.tighten('REDUCE_ONLY', 'test');
    expect(desk.verdict(desk.intent('sell', '0.03'))).toBe('reduce_only_block');
    expect(desk.verdict(desk.intent('sell', '0.01'))).toBe('approved');
  });

  it('close: a long of 0.05 at 50,000 on 10,000 of equity may be closed although it is over its 20 percent (B-52)', () => {
    const desk = new Desk({
      ...WIDE,
      maxPositionPctPerSymbol: d('0.2'),
      maxLeverage: d('0.1'),
      minLiquidationBuffer: d('0.99'),
      preTradeLiquidationProjection: true,
    });
    desk.hold(BTC, '0.05');
    expect(desk.verdict(desk.intent('sell', '0.05'))).toBe('approved');
    expect(desk.verdict(desk.intent('buy', '0.001'))).not.toBe('approved');
  });

  it.each([
    [13 * HOUR, 'approved'],
    [20 * HOUR, 'leverage'],
    [20 * HOUR - 1, 'approved'],
    [13 * HOUR - 1, 'leverage'],
  ])('schedule: day 13:00 to 20:00 with cap 10 and night 5, an order of 6x at %i ms of the day', (time, expected) => {
    const desk = new Desk({
      ...WIDE,
      daytime: { startMinute: 13 * 60, endMinute: 20 * 60 },
      dayLeverageMaxPerSymbol: { 'BTC-PERP': d(10) },
      nightLeverageMaxPerSymbol: { 'BTC-PERP': d(5) },
    });
    desk.clock.set(MIDNIGHT + time);
    desk.quote(BTC, 50_000);
    expect(desk.verdict(desk.intent('buy', '1.2'))).toBe(expected);
  });

  it.each([
    [23 * HOUR, 'approved'],
    [3 * HOUR, 'approved'],
    [6 * HOUR, 'leverage'],
    [12 * HOUR, 'leverage'],
  ])('schedule: a day from 22:00 to 06:00 passes midnight, at %i ms of the day', (time, expected) => {
    const desk = new Desk({
      ...WIDE,
      daytime: { startMinute: 22 * 60, endMinute: 6 * 60 },
      dayLeverageMaxPerSymbol: { 'BTC-PERP': d(10) },
      nightLeverageMaxPerSymbol: { 'BTC-PERP': d(5) },
    });
    desk.clock.set(MIDNIGHT + time);
    desk.quote(BTC, 50_000);
    expect(desk.verdict(desk.intent('buy', '1.2'))).toBe(expected);
  });

  it('projection: 30,000 at a maintenance rate of 0.3 leaves 10 percent of 10,000 and is refused at 15', () => {
    const instrument = makeInstrument({ maintenanceRate: d('0.3') });
    const desk = new Desk({ ...WIDE, minLiquidationBuffer: d('0.15'), preTradeLiquidationProjection: true });
    expect(desk.reason(desk.intent('buy', '0.6', { instrument }))).toContain('at least 15.00%, was 10.00%');
    expect(desk.verdict(desk.intent('buy', '0.566', { instrument }))).toBe('approved');
  });

  it('projection: the rate of the hour applies where it is stricter than the venue, and the default where the venue names none', () => {
    const night = new Desk({
      ...WIDE,
      minLiquidationBuffer: d('0.15'),
      preTradeLiquidationProjection: true,
      daytime: { startMinute: 600, endMinute: 660 },
      nightMaintenancePerSymbol: { 'BTC-PERP': d('0.3') },
    });
    expect(night.verdict(night.intent('buy', '0.6'))).toBe('liquidation_projection');
    const { startMinute, endMinute } = { startMinute: 0, endMinute: 1_439 };
    const day = new Desk({
      ...{ ...WIDE, minLiquidationBuffer: d('0.15'), preTradeLiquidationProjection: true },
      ...{ daytime: { startMinute, endMinute }, dayMaintenancePerSymbol: { 'BTC-PERP': d('0.3') } },
    });
    expect(day.verdict(day.intent('buy', '0.6'))).toBe('liquidation_projection');
    const instrument = makeInstrument({ maintenanceRate: d(0) });
    const fallback = new Desk({
      ...WIDE,
      minLiquidationBuffer: d('0.15'),
      preTradeLiquidationProjection: true,
      defaultMaintenanceRate: d('0.3'),
    });
    expect(fallback.verdict(fallback.intent('buy', '0.6', { instrument }))).toBe('liquidation_projection');
  });
});

describe('pre-trade risk, permission', () => {
  it.each(['HALTED', 'LOCKED'] as const)('lets nothing through while %s, reducing orders included', async (state) => {
    const desk = new Desk(WIDE);
    desk.hold(BTC, 1);
    await desk.ladder.tighten(state, 'drill');
    expect(desk.verdict(desk.intent('sell', '0.5', { reduceOnly: true }))).toBe('kill_switch');
    expect(desk.verdict(desk.intent('buy', '0.5'))).toBe('kill_switch');
    expect(desk.risk.killSwitch).toBe(true);
    expect(desk.events.payloads('kill_switch')[0]).toMatchObject({ component: 'risk_manager', symbol: 'BTC-PERP' });
    expect(desk.events.query({ types: ['kill_switch'] })[0]?.botId).toBe('risk_engine');
  });

  it('obeys the kill switch of the configuration from the moment it is set (B-32)', () => {
    const desk = new Desk(WIDE);
    expect(desk.verdict(desk.intent('buy', '0.01'))).toBe('approved');
    desk.change({ killSwitch: true });
    expect(desk.verdict(desk.intent('buy', '0.01'))).toBe('kill_switch');
  });

  it('refuses opening orders in REDUCE_ONLY and records the block', async () => {
    const desk = new Desk(WIDE);
    await desk.ladder.tighten('REDUCE_ONLY', 'drawdown');
    expect(desk.verdict(desk.intent('buy', '0.01'))).toBe('reduce_only_block');
    expect(desk.events.payloads('reduce_only_block')).toHaveLength(1);
    expect(desk.risk.isReduceOnly()).toBe(true);
  });

  it('sends what shrinks a position as reduce-only, so that the venue holds it to that', () => {
    const desk = new Desk(WIDE);
    desk.hold(BTC, '-0.02');
    const verdict = desk.risk.approve(desk.intent('buy', '0.01'), desk.now);
    expect(verdict).toMatchObject({ approved: true, value: { reduceOnly: true, lots: 10 } });
    const spot = makeInstrument({ kind: 'spot' });
    const plain = new Desk(WIDE);
    plain.hold(spot, '0.02');
    expect(plain.risk.approve(plain.intent('sell', '0.01', { instrument: spot }), plain.now)).toMatchObject({
      approved: true,
      value: { reduceOnly: false },
    });
  });

  it('returns the very same intent when nothing had to be changed', () => {
    const desk = new Desk(WIDE);
    const intent = desk.intent('buy', '0.01');
    const verdict = desk.risk.approve(intent, desk.now);
    expect(verdict.value).toBe(intent);
  });

  it('counts reduce-only orders that are open, so that two closes never flip the position (B-49)', () => {
    const desk = new Desk(WIDE);
    desk.hold(BTC, '0.05');
    desk.rest('sell', '0.03', { reduceOnly: true });
    expect(desk.risk.approve(desk.intent('sell', '0.05', { reduceOnly: true }), desk.now)).toMatchObject({
      approved: true,
      value: { lots: 20 },
    });
    desk.rest('sell', '0.02', { reduceOnly: true });
    expect(desk.verdict(desk.intent('sell', '0.05', { reduceOnly: true }))).toBe('reduce_only_block');
  });

  it('refuses a reduce-only order without a position to reduce, in any state', () => {
    const desk = new Desk(WIDE);
    expect(desk.verdict(desk.intent('sell', '0.01', { reduceOnly: true }))).toBe('reduce_only_block');
    desk.hold(BTC, '-0.01');
    expect(desk.verdict(desk.intent('sell', '0.01', { reduceOnly: true }))).toBe('reduce_only_block');
  });

  it('refuses a close that, with a resting order of the other side, could leave more than the limit', () => {
    const desk = new Desk({ ...WIDE, maxPositionSize: d(1_000) });
    desk.hold(BTC, '0.01');
    desk.rest('sell', '0.03', { limit: 50_100 });
    expect(desk.verdict(desk.intent('sell', '0.01', { reduceOnly: true }))).toBe('max_position_size');
    expect(desk.verdict(desk.intent('sell', '0.01', { reduceOnly: true, urgent: true }))).toBe('approved');
  });

  it('refuses to open a symbol whose liquidation buffer was breached, until the buffer is back (B-53)', () => {
    const desk = new Desk({ ...WIDE, minLiquidationBuffer: d('0.15') });
    desk.hold(BTC, '0.01');
    const mark = BTC.toMarks(d(50_000));
    desk.risk.checkLiquidationBuffer(BTC, mark, BTC.toMarks(d(49_000)), desk.now);
    expect(desk.risk.isSymbolReduceOnly('BTC-PERP')).toBe(true);
    expect(desk.verdict(desk.intent('buy', '0.01'))).toBe('reduce_only_block');
    expect(desk.verdict(desk.intent('sell', '0.01'))).toBe('approved');
    desk.risk.checkLiquidationBuffer(BTC, mark, BTC.toMarks(d(40_000)), desk.now);
    expect(desk.verdict(desk.intent('buy', '0.01'))).toBe('approved');
  });
});

describe('pre-trade risk, intent and data', () => {
  it('refuses a signal that has already become an order, and remembers only approved ones', () => {
    const desk = new Desk({ ...WIDE, maxOrderNotional: d(1_000) });
    expect(desk.verdict(desk.intent('buy', 1, { signalId: 's' }))).toBe('max_order_notional');
    expect(desk.verdict(desk.intent('buy', '0.01', { signalId: 's' }))).toBe('approved');
    expect(desk.verdict(desk.intent('buy', '0.01', { signalId: 's' }))).toBe('duplicate_intent');
    for (let i = 0; i < 64; i += 1) expect(desk.verdict(desk.intent('buy', '0.001'))).toBe('approved');
    expect(desk.verdict(desk.intent('buy', '0.01', { signalId: 's' }))).toBe('approved');
  });

  it('limits submissions a minute over all symbols; refused orders spend nothing', () => {
    const desk = new Desk({ ...WIDE, ordersPerMinute: 3, maxOrderNotional: d(10_000) });
    desk.quote(ETH, 2_000);
    for (let i = 0; i < 10; i += 1) expect(desk.verdict(desk.intent('buy', 1))).toBe('max_order_notional');
    expect([
      desk.verdict(desk.intent('buy', '0.01')),
      desk.verdict(desk.intent('buy', '0.1', { instrument: ETH })),
      desk.verdict(desk.intent('buy', '0.01')),
    ]).toEqual(['approved', 'approved', 'approved']);
    expect(desk.verdict(desk.intent('buy', '0.01'))).toBe('order_rate');
    desk.clock.advance(19_999);
    desk.quote(BTC, 50_000);
    expect(desk.verdict(desk.intent('buy', '0.01'))).toBe('order_rate');
    desk.clock.advance(1);
    expect(desk.verdict(desk.intent('buy', '0.01'))).toBe('approved');
  });

  it('keeps rate for exits: entries cannot use it up, and an operator is never held back', () => {
    const desk = new Desk({ ...WIDE, ordersPerMinute: 2 });
    desk.hold(BTC, 1);
    for (let i = 0; i < 2; i += 1) desk.verdict(desk.intent('buy', '0.01'));
    expect(desk.verdict(desk.intent('buy', '0.01'))).toBe('order_rate');
    expect([
      desk.verdict(desk.intent('sell', '0.1')),
      desk.verdict(desk.intent('sell', '0.1')),
      desk.verdict(desk.intent('sell', '0.1')),
    ]).toEqual(['approved', 'approved', 'order_rate']);
    expect(desk.verdict(desk.intent('sell', '0.1', { urgent: true }))).toBe('approved');
  });

  it('refuses orders on a stale mark, and on a symbol that was never quoted (B-04, B-05, B-54)', () => {
    const desk = new Desk({ ...WIDE, maxMarkStalenessMs: 1_000 });
    desk.clock.advance(1_000);
    expect(desk.verdict(desk.intent('buy', '0.01'))).toBe('approved');
    desk.clock.advance(1);
    expect(desk.verdict(desk.intent('buy', '0.01'))).toBe('stale_mark');
    expect(desk.verdict(desk.intent('buy', '0.1', { instrument: ETH }))).toBe('stale_mark');
    expect(desk.verdict(desk.intent('buy', '0.01'), NaN)).toBe('stale_mark');
  });

  it('takes a mark from the future for a broken clock and refuses', () => {
    const desk = new Desk({ ...WIDE, maxMarkStalenessMs: 1_000 });
    expect(desk.verdict(desk.intent('buy', '0.01'), desk.now - 1_001)).toBe('stale_mark');
  });

  it('lets exits and an operator leave at market although the feed is down', () => {
    const desk = new Desk({ ...WIDE, maxMarkStalenessMs: 1_000 });
    desk.hold(BTC, 1);
    desk.clock.advance(HOUR);
    expect(desk.verdict(desk.intent('sell', 1, { reduceOnly: true }))).toBe('approved');
    expect(desk.verdict(desk.intent('sell', 1, { reduceOnly: true, urgent: true }))).toBe('approved');
    expect(desk.verdict(desk.intent('buy', 1, { urgent: true }))).toBe('stale_mark');
  });

  it('adds nothing while positions are not confirmed, and still lets them be reduced', () => {
    const desk = new Desk(WIDE);
    desk.hold(BTC, 1);
    desk.portfolio.setKnown(false);
    expect(desk.verdict(desk.intent('buy', '0.01'))).toBe('positions_unknown');
    expect(desk.verdict(desk.intent('sell', '0.01'))).toBe('approved');
  });

  it('adds nothing to a symbol with an order of unknown outcome', () => {
    const desk = new Desk(WIDE);
    desk.quote(ETH, 2_000);
    desk.hold(BTC, '0.02');
    desk.rest('buy', '0.01', { status: 'unknown' });
    expect(desk.verdict(desk.intent('buy', '0.01'))).toBe('unknown_outcome');
    expect(desk.verdict(desk.intent('sell', '0.01'))).toBe('approved');
    expect(desk.verdict(desk.intent('buy', '0.1', { instrument: ETH }))).toBe('approved');
  });
});

describe('pre-trade risk, instrument and price', () => {
  it.each([NaN, 0, -5, 1.5, Infinity, 2 ** 60])('refuses a size of %p lots', (size) => {
    const desk = new Desk(WIDE);
    expect(desk.verdict(desk.intent('buy', 1, { lots: size as Lots }))).toBe('order_terms');
  });

  it.each([
    ['limit', {}],
    ['limit', { limit: ticks(NaN) }],
    ['limit', { limit: ticks(0) }],
    ['stop_market', {}],
    ['stop_limit', { stop: ticks(500_000) }],
    ['market', { limit: ticks(500_000) }],
    ['limit', { limit: ticks(500_000), stop: ticks(500_000) }],
  ] as const)('refuses a %s order with prices %j', (type, prices) => {
    const desk = new Desk(WIDE);
    expect(desk.verdict(desk.intent('buy', 1, { type, ...prices }))).toBe('order_terms');
  });

  it('refuses what is below the smallest size instead of enlarging it', () => {
    const instrument = makeInstrument({ minSize: d('0.01') });
    const desk = new Desk(WIDE);
    expect(desk.verdict(desk.intent('buy', '0.009', { instrument }))).toBe('min_size');
  });

  it('suggests the smallest size that reaches the smallest value, for market orders too', () => {
    const desk = new Desk(WIDE);
    desk.quote(BTC, 5_000);
    expect(desk.reason(desk.limit('buy', '0.001', 5_000))).toContain('the smallest size at this price is 0.002 BTC');
    expect(desk.verdict(desk.intent('buy', '0.001'))).toBe('min_notional');
    expect(desk.verdict(desk.intent('buy', '0.002'))).toBe('approved');
  });

  it('lets the rest of a position be closed however small it is', () => {
    const instrument = makeInstrument({ minSize: d('0.01'), minNotional: d(1_000) });
    const desk = new Desk(WIDE);
    desk.hold(instrument, '0.002');
    expect(desk.verdict(desk.intent('sell', '0.002', { instrument }))).toBe('approved');
  });

  it('refuses what is above the largest order size of venue or configuration', () => {
    const venue = makeInstrument({ maxSize: d('0.5') });
    const desk = new Desk(WIDE);
    expect(desk.verdict(desk.intent('buy', '0.501', { instrument: venue }))).toBe('max_order_size');
    const own = new Desk({ ...WIDE, maxOrderSize: { 'BTC-PERP': d('0.2') } });
    expect([own.verdict(own.intent('buy', '0.2')), own.verdict(own.intent('buy', '0.201'))]).toEqual([
      'approved',
      'max_order_size',
    ]);
  });

  it.each([
    [5, 'approved'],
    [5.1, 'leverage'],
    [NaN, 'leverage'],
    [0, 'leverage'],
  ])('checks the leverage that an order asks for: %p against a cap of 5', (leverage, expected) => {
    const desk = new Desk({ ...WIDE, maxLeverage: d(5) });
    expect(desk.verdict(desk.intent('buy', '0.01', { leverage }))).toBe(expected);
  });

  it.each([
    ['buy', 50_500, 'approved'],
    ['buy', 50_500.1, 'price_collar'],
    ['sell', 49_500, 'approved'],
    ['sell', 49_499.9, 'price_collar'],
    ['buy', 49_000, 'approved'],
    ['buy', 35_000, 'approved'],
    ['buy', 34_999.9, 'passive_band'],
    ['sell', 65_000, 'approved'],
    ['sell', 65_000.1, 'passive_band'],
  ] as const)('holds a %s limit at %p to 100 bps where it gives, else to 30 %%, of a mark of 50,000', (...row) => {
    const [side, price, expected] = row;
    const desk = new Desk({ ...WIDE, priceCollarBps: d(100), passiveBand: d('0.3') });
    expect(desk.verdict(desk.limit(side, '0.01', price))).toBe(expected);
  });

  it('holds triggers of entries to the passive band, and a stop limit to its trigger; what reduces is free', () => {
    const desk = new Desk({ ...WIDE, priceCollarBps: d(100), passiveBand: d('0.1') });
    desk.hold(BTC, 1);
    const at = (price: number): ReturnType<typeof ticks> => BTC.toTicks(d(price), 'nearest');
    const waits = { type: 'stop_market' } as const;
    expect(desk.verdict(desk.intent('buy', '0.1', { ...waits, stop: at(55_000) }))).toBe('approved');
    expect(desk.verdict(desk.intent('buy', '0.1', { ...waits, stop: at(55_001) }))).toBe('passive_band');
    expect(desk.verdict(desk.intent('buy', '0.1', { ...waits, stop: at(44_999) }))).toBe('passive_band');
    expect(desk.verdict(desk.intent('sell', '0.1', { type: 'stop_market', stop: at(45_000), reduceOnly: true }))).toBe(
      'approved',
    );
    expect(
      desk.verdict(
        desk.intent('sell', '0.1', { type: 'stop_limit', stop: at(45_000), limit: at(44_600), reduceOnly: true }),
      ),
    ).toBe('approved');
    expect(
      desk.verdict(
        desk.intent('sell', '0.1', { type: 'stop_limit', stop: at(45_000), limit: at(44_500), reduceOnly: true }),
      ),
    ).toBe('approved');
    const entry = { type: 'stop_limit', stop: at(50_400) } as const;
    expect(desk.verdict(desk.intent('buy', '0.1', { ...entry, limit: at(50_904) }))).toBe('approved');
    expect(desk.verdict(desk.intent('buy', '0.1', { ...entry, limit: at(50_905) }))).toBe('price_collar');
  });

  it('compares a limit with the mark, not with itself: what it gives away is bounded (B-50)', () => {
    const desk = new Desk({ ...WIDE, slippageGuardBps: d(50) });
    expect(desk.verdict(desk.limit('buy', '0.01', 50_250))).toBe('approved');
    expect(desk.verdict(desk.limit('buy', '0.01', 50_250.1))).toBe('slippage');
    expect(desk.verdict(desk.limit('sell', '0.01', 49_749.9))).toBe('slippage');
    expect(desk.verdict(desk.limit('sell', '0.01', 50_500))).toBe('approved');
  });

  it('does not let an entry trade with a resting order of our own', () => {
    const desk = new Desk({ ...WIDE, slippageGuardBps: d(50) });
    desk.rest('sell', '0.01', { limit: 50_100 });
    expect(desk.verdict(desk.limit('buy', '0.01', 50_099.9))).toBe('approved');
    expect(desk.verdict(desk.limit('buy', '0.01', 50_100))).toBe('self_cross');
    expect(desk.verdict(desk.intent('buy', '0.01'))).toBe('self_cross');
    expect(desk.verdict(desk.intent('buy', '0.01', { urgent: true }))).toBe('approved');
    expect(desk.verdict(desk.intent('sell', '0.01'))).toBe('approved');
  });
});
