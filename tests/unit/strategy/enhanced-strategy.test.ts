import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Decimal } from '#src/domain/decimal.js';
import type { MarketFilterSettings } from '#src/ports/configuration/settings/market-filter-settings.js';
import type { StrategySettings } from '#src/ports/configuration/settings/strategy-settings.js';
import type { StrategyContext } from '#src/ports/core-services/strategy.js';
import { EnhancedStrategyDefinition } from '#src/services/strategy/built-in/enhanced-strategy-definition.js';
import {
  EntryGuards,
  GUARD_PRESETS,
  liquidationDistance,
  slippageImpactBps,
} from '#src/services/strategy/built-in/entry-guards.js';
import { FILTER_PRESETS, MarketFilters } from '#src/services/strategy/built-in/market-filters.js';
import { fill } from '../../support/fills.js';
import { instrument } from '#src/testing/instruments.js';
import { Market, marketSnapshot, strategySettings } from '../../support/strategy-parts.js';

const d = (value: number | string): Decimal => new Decimal(value);
const filters = (overrides: Partial<MarketFilterSettings> = {}): MarketFilterSettings => ({
  ...strategySettings().filters,
  requireRsiConfirmation: false,
  ...overrides,
});

const enhanced = (overrides: Partial<StrategySettings> = {}) =>
  new EnhancedStrategyDefinition().create(strategySettings({ filters: filters(), ...overrides }));
const crossed = (last: number | string): Market => new Market().flatAt(100, 20).push(last);
const withDepth = (market: Market, overrides: Partial<StrategyContext> = {}): StrategyContext =>
  market.context({ snapshot: marketSnapshot(), ...overrides });

describe('EnhancedStrategy entries', () => {
  it('buys a confirmed cross that passes every filter, sized by fraction and leverage alone (B-47)', () => {
    const market = crossed(101);
    const decision = enhanced().decide(withDepth(market));
    expect(decision).toMatchObject({ action: 'buy', reason: 'Bullish crossover', leverage: 2 });
    expect(market.of.money(decision.notional ?? (0 as never)).toString()).toBe('10000');
  });

  it('sells a bearish cross only with shorts', () => {
    expect(enhanced().decide(withDepth(crossed(99))).action).toBe('hold');
    expect(enhanced({ enableShorts: true }).decide(withDepth(crossed(99))).action).toBe('sell');
  });

  it('mentions the strength index only where it was asked for', () => {
    const market = new Market();
    for (let i = 0; i < 40; i += 1) market.push(100, 100.4);
    const strategy = enhanced({ filters: filters({ requireRsiConfirmation: true }), shortMa: 1, longMa: 2 });
    expect(strategy.decide(withDepth(market)).reason).toMatch(/^Bullish crossover, RSI \d+\.\d\d$/);
  });

  it.each([
    ['spread', { spreadBps: 10 }, 'Spread must be below 10 bps, was 10 bps'],
    ['depth', { depthL1: 50_000 }, 'Depth at the best price must be above 50000, was 50000'],
    ['depth', { depthL10: 200_000 }, 'Depth of ten levels must be above 200000, was 200000'],
    ['volume', { volume1m: 100_000 }, 'Volume of one minute must be above 100000, was 100000'],
  ])('holds an entry back on %s at its limit', (type, snapshot, reason) => {
    const decision = enhanced().decide(crossed(101).context({ snapshot: marketSnapshot(snapshot) }));
    expect(decision).toEqual({ action: 'hold', reason, filterRejected: true, rejectionType: type });
  });

  it('holds an entry back while the snapshot it asked for is missing, unless told to go without', () => {
    expect(enhanced().decide(crossed(101).context())).toMatchObject({
      action: 'hold',
      filterRejected: true,
      rejectionType: 'snapshot',
    });
    expect(enhanced({ params: { requireSnapshot: false } }).decide(crossed(101).context()).action).toBe('buy');
  });

  it('holds an entry back when liquidation would be too near', () => {
    const decision = enhanced({ targetLeverage: 5 }).decide(withDepth(crossed(101)));
    expect(decision).toMatchObject({ action: 'hold', guardRejected: true, rejectionType: 'liquidation' });
    expect(decision.reason).toBe('Distance to liquidation must be above 20%, was 19.5%');
  });

  it('holds an entry back when it would move the price too far', () => {
    const market = crossed(101);
    market.equity = market.of.toUnits(d(3_000_000), 'floor');
    expect(enhanced().decide(withDepth(market))).toMatchObject({
      action: 'hold',
      guardRejected: true,
      rejectionType: 'slippage',
    });
  });

  it('waits for confirmation to enter', () => {
    const market = crossed(101).push(102);
    expect(enhanced({ crossConfirmBars: 1 }).decide(withDepth(market)).action).toBe('buy');
    expect(enhanced({ crossConfirmBars: 2 }).decide(withDepth(market)).action).toBe('hold');
  });

  it('needs the whole window of its strength index before it enters', () => {
    const strategy = enhanced({ filters: filters({ requireRsiConfirmation: true }) });
    expect(strategy.lookback).toBe(50);
    expect(strategy.decide(withDepth(crossed(101))).reason).toBe('Need 50 marks');
  });
});

describe('EnhancedStrategy strength index', () => {
  it.each([
    ['buy', 71, 'RSI must not be above 70 for a buy, was 71.00'],
    ['sell', 29, 'RSI must not be below 30 for a sell, was 29.00'],
    ['buy', undefined, 'RSI must be known, and needs 15 marks'],
    ['buy', NaN, 'RSI must not be above 70 for a buy, was NaN'],
  ] as const)('rejects a %s at %s', (side, strength, reason) => {
    expect(
      new MarketFilters(filters({ requireRsiConfirmation: true })).reject(side, marketSnapshot(), strength),
    ).toEqual({ type: 'rsi', reason });
  });

  it.each([
    ['buy', 70],
    ['sell', 30],
  ] as const)('lets a %s pass at %s', (side, strength) => {
    expect(
      new MarketFilters(filters({ requireRsiConfirmation: true })).reject(side, marketSnapshot(), strength),
    ).toBeUndefined();
  });
});

describe('EnhancedStrategy exits', () => {
  it('leaves on the opposite cross without waiting for confirmation, and states the quantity (closes carry quantity)', () => {
    const market = new Market().flatAt(100, 25).push(99.5);
    market.fill('buy', 2, 100);
    expect(enhanced({ crossConfirmBars: 3 }).decide(withDepth(market))).toEqual({
      action: 'close',
      reason: 'Bearish crossover exit',
      quantity: 2000,
      reduceOnly: true,
    });
  });

  it('leaves a short on a bullish cross', () => {
    const market = crossed(100.5);
    market.fill('sell', 2, 100);
    expect(enhanced().decide(withDepth(market)).reason).toBe('Bullish crossover exit');
  });

  it('does not stop a short at once: its stop lies above the entry (short-stop init)', () => {
    const strategy = enhanced({ shortMa: 100, longMa: 200 });
    const market = new Market().push(100);
    market.fill('sell', 2, 100);
    expect(strategy.decide(withDepth(market)).action).toBe('hold');
    expect(strategy.decide(withDepth(market.push(101))).reason).toBe('Trailing stop hit: peak 100, stop 101, mark 101');
  });

  it('forgets its stop when the position is gone', () => {
    const strategy = enhanced();
    const market = new Market().push(100);
    const position = market.fill('sell', 2, 100);
    strategy.decide(withDepth(market));
    expect(strategy.snapshot('BTC-PERP')).toBeDefined();
    market.fill('buy', 2, 100);
    strategy.onFill(fill(market.of, 'buy', 2000, 1000), position);
    expect(strategy.snapshot('BTC-PERP')).toBeUndefined();
  });

  it('keeps or closes a position in reduce-only mode as the settings say', () => {
    const market = new Market().flatAt(100, 21);
    market.fill('buy', 2, 100);
    expect(enhanced().decide(withDepth(market, { reduceOnly: true })).action).toBe('hold');
    expect(enhanced({ onReduceOnly: 'close' }).decide(withDepth(market, { reduceOnly: true })).reason).toBe(
      'Reduce-only mode active',
    );
  });
});

describe('EnhancedStrategy without fresh data', () => {
  it('decides nothing, counts it, and says what it keeps (stale handling)', () => {
    const strategy = enhanced();
    const flat = crossed(101);
    expect(strategy.decide(withDepth(flat, { stale: true }))).toMatchObject({
      action: 'hold',
      filterRejected: true,
      rejectionType: 'stale',
    });
    const open = crossed(90);
    open.fill('buy', 2, 100);
    expect(strategy.decide(withDepth(open, { stale: true }))).toMatchObject({ action: 'hold', reduceOnly: true });
    expect(strategy.metrics?.()).toMatchObject({ stale_data: 2, total_rejections: 0 });
  });
});

describe('EnhancedStrategy rejection counters', () => {
  it('counts each rejection under its own name, and the share of entries accepted', () => {
    const strategy = enhanced();
    strategy.decide(crossed(101).context({ snapshot: marketSnapshot({ spreadBps: 50 }) }));
    strategy.decide(crossed(101).context({ snapshot: marketSnapshot({ volume1m: 1 }) }));
    strategy.decide(crossed(101).context());
    strategy.decide(withDepth(crossed(101)));
    expect(strategy.metrics?.()).toEqual({
      filter_spread: 1,
      filter_depth: 0,
      filter_volume: 1,
      filter_rsi: 0,
      filter_snapshot: 1,
      guard_liquidation: 0,
      guard_slippage: 0,
      stale_data: 0,
      total_rejections: 3,
      entries_accepted: 1,
      acceptance_rate: 0.25,
    });
  });

  it('reports a rate of 0 before anything was tried', () => {
    expect(enhanced().metrics?.()['acceptance_rate']).toBe(0);
  });
});

describe('liquidation distance of the guard kit', () => {
  it.each([
    [2, '45', true],
    [3, '28.33', true],
    [4, '20', false],
    [5, '15', false],
  ])('is, at leverage %i and 5 %% maintenance, %s %%: enough for 20 %%? %s', (leverage, distance, enough) => {
    const fraction = liquidationDistance(leverage, d('0.05'));
    expect(fraction.times(100).toDecimalPlaces(2).toString()).toBe(distance);
    const guards = new EntryGuards({ minLiquidationBuffer: d('0.2'), maxSlippageImpactBps: d(15) });
    const of = instrument({ maintenanceRate: d('0.05') });
    expect(guards.reject(of, of.toUnits(d(100), 'floor'), leverage, undefined) === undefined).toBe(enough);
  });

  it('does not concern spot', () => {
    const guards = new EntryGuards({ minLiquidationBuffer: d('0.99'), maxSlippageImpactBps: d(15) });
    const of = instrument({ kind: 'spot' });
    expect(guards.reject(of, of.toUnits(d(100), 'floor'), undefined, undefined)).toBeUndefined();
  });

  it('is never negative', () => {
    expect(liquidationDistance(50, d('0.05')).toString()).toBe('0');
  });
});

describe('slippage impact of the guard kit', () => {
  it.each([
    [25_000, 50_000, 200_000, '2.5'],
    [50_000, 50_000, 200_000, '5'],
    [87_500, 50_000, 200_000, '15'],
    [200_000, 50_000, 200_000, '25'],
    [200_001, 50_000, 200_000, undefined],
    [1, 0, 200_000, undefined],
  ])('of %d into %d and %d is %s bps', (notional, depthL1, depthL10, expected) => {
    expect(slippageImpactBps(d(notional), d(depthL1), d(depthL10))?.toString()).toBe(expected);
  });
});

describe('presets', () => {
  it('are those of the kits', () => {
    const shown = Object.fromEntries(
      Object.entries(FILTER_PRESETS).map(([name, p]) => [
        name,
        [p.maxSpreadBps, p.minDepthL1, p.minDepthL10, p.minVolume1m]
          .map(Number)
          .concat(Number(p.requireRsiConfirmation)),
      ]),
    );
    expect(shown).toEqual({
      conservative: [10, 50_000, 200_000, 100_000, 1],
      aggressive: [25, 20_000, 100_000, 50_000, 0],
    });
    expect(
      Object.entries(GUARD_PRESETS).map(([name, p]) => [
        name,
        Number(p.minLiquidationBuffer),
        Number(p.maxSlippageImpactBps),
      ]),
    ).toEqual([
      ['standard', 0.2, 15],
      ['lenient', 0.15, 20],
    ]);
  });

  it('are chosen by parameter, and refined by the limits beside them', () => {
    const market = crossed(101);
    const thin = market.context({
      snapshot: marketSnapshot({ spreadBps: 20, depthL1: 30_000, volume1m: 60_000, depthL10: 150_000 }),
    });
    expect(enhanced().decide(thin).rejectionType).toBe('spread');
    expect(enhanced({ params: { filterPreset: 'aggressive' } }).decide(thin).action).toBe('buy');
    expect(enhanced({ params: { maxSpreadBps: 15, filterPreset: 'aggressive' } }).decide(thin).rejectionType).toBe(
      'spread',
    );
    expect(enhanced({ targetLeverage: 5, params: { guardPreset: 'lenient' } }).decide(withDepth(market)).action).toBe(
      'buy',
    );
  });
});
