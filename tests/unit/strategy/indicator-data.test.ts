import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Decimal } from '#src/domain/decimal.js';
import type { Candle, MarketSnapshot } from '#src/domain/market.js';
import type { BotConfig } from '#src/ports/configuration/settings/bot-config.js';
import type { SymbolRules } from '#src/ports/configuration/settings/strategy-settings.js';
import type { StrategyRegistry } from '#src/ports/core-services/strategy.js';
import { IndicatorDataService } from '#src/services/strategy/indicator-data-service.js';
import { ManualClock } from '#src/testing/manual-clock.js';
import { FakeConfigController, testConfig } from '../../support/config.js';
import { FAKE_CAPABILITIES } from '#src/testing/fake-capabilities.js';
import { FakeBroker } from '#src/testing/fake-broker.js';
import { RecordingLogger } from '#src/testing/recording-logger.js';
import { marketSnapshot } from '../../support/strategy-parts.js';

const HOUR = 3_600_000;
const d = (value: number | string): Decimal => new Decimal(value);

class DepthBroker extends FakeBroker {
  override capabilities = { ...FAKE_CAPABILITIES, marketSnapshots: true };
  snapshot: MarketSnapshot | Error = marketSnapshot();
  override getMarketSnapshot = (): Promise<MarketSnapshot> =>
    this.snapshot instanceof Error ? Promise.reject(this.snapshot) : Promise.resolve(this.snapshot);
  get candleCalls(): number {
    return this.called().filter((call) => call === 'getCandles').length;
  }
}

interface Bar {
  readonly close: number;
  readonly volume?: number;
  readonly high?: number;
  readonly low?: number;
}

/** Hourly candles of which the newest is the last one closed at the clock's time. */
const candles = (clock: ManualClock, bars: readonly Bar[]): Candle[] =>
  bars.map(({ close, volume = 1, high = close, low = close }, i) => ({
    openAt: Math.floor(clock.now() / HOUR) * HOUR - (bars.length - i) * HOUR,
    open: d(close),
    high: d(high),
    low: d(low),
    close: d(close),
    volume: d(volume),
  }));

function parts(rules: SymbolRules | undefined, overrides: Partial<BotConfig['risk']> = {}, needsSnapshot = false) {
  const broker = new DepthBroker();
  const clock = new ManualClock();
  const logger = new RecordingLogger();
  const config = testConfig({
    symbols: ['BTC-USDT'],
    strategy: { perSymbol: rules === undefined ? {} : { 'BTC-USDT': rules } },
    risk: overrides,
  });
  const registry = {
    strategyFor: () => ({ needsSnapshot }),
    lookbackFor: () => 1,
    reconfigure: () => undefined,
  } as unknown as StrategyRegistry;
  const data = new IndicatorDataService(broker, broker, new FakeConfigController(config), registry, clock, logger);
  const block = async (bars: readonly Bar[]): Promise<string | undefined> => {
    broker.candles = candles(clock, bars);
    await data.refresh('BTC-USDT');
    return data.entryBlock('BTC-USDT', clock.now())?.reason;
  };
  return { broker, clock, logger, data, block };
}

const closes = (...values: number[]): Bar[] => values.map((close) => ({ close }));
const padded = (bars: readonly Bar[]): Bar[] => [...Array.from({ length: 10 }, () => ({ close: 100 })), ...bars];

describe('spot entry filters', () => {
  it('let everything pass and ask for nothing without rules', async () => {
    const { block, broker } = parts(undefined);
    expect(await block([])).toBeUndefined();
    expect(broker.candleCalls).toBe(0);
  });

  it.each([
    ['pass', [10, 10, 10, 12], undefined],
    ['block', [10, 10, 10, 11.99], 'volume_filter_blocked'],
    ['wait', [10, 10, 12], 'volume_filter_wait'],
    ['block without any volume before', [0, 0, 0, 12], 'volume_filter_blocked'],
  ])('volume: %s on %j', async (_name, volumes, reason) => {
    const { block } = parts({ volumeFilter: { window: 3, multiplier: d('1.2') } });
    expect(await block(volumes.map((volume) => ({ close: 100, volume })))).toBe(reason);
  });

  it.each([
    ['pass when oversold', [10, 9, 8, 7], undefined],
    ['pass at the limit', [10, 11, 9, 8], undefined],
    ['block above it', [10, 12, 9, 8], 'momentum_filter_blocked'],
    ['wait', [10, 9, 8], 'momentum_filter_wait'],
  ])('momentum: %s on %j', async (_name, values, reason) => {
    const { block } = parts({ momentumFilter: { window: 3, oversold: 25, overbought: 70 } });
    expect(await block(closes(...values))).toBe(reason);
  });

  it.each([
    ['pass at the slope', [100, 100, 109], undefined],
    ['block below it', [100, 100, 108.9], 'trend_filter_blocked'],
    ['wait', [100, 109], 'trend_filter_wait'],
  ])('trend: %s on %j', async (_name, values, reason) => {
    const { block } = parts({ trendFilter: { window: 2, minSlope: d('2.25') } });
    expect(await block(closes(...values))).toBe(reason);
  });

  it.each([
    ['pass in the band', 1, undefined],
    ['pass at its upper end', 2, undefined],
    ['block above it', 2.01, 'volatility_filter_blocked'],
    ['block below it', 0.4, 'volatility_filter_blocked'],
    ['block without any range', 0, 'volatility_filter_blocked'],
  ])('volatility: %s', async (_name, range, reason) => {
    const { block } = parts({ volatilityFilter: { window: 2, min: range === 0 ? d(0) : d('0.005'), max: d('0.02') } });
    expect(await block(Array.from({ length: 3 }, () => ({ close: 100, high: 100, low: 100 - range })))).toBe(reason);
  });

  it('report the first that fails: volume, momentum, trend, volatility', async () => {
    const all: SymbolRules = {
      volumeFilter: { window: 2, multiplier: d(2) },
      momentumFilter: { window: 2, oversold: 10, overbought: 70 },
      trendFilter: { window: 2, minSlope: d(50) },
      volatilityFilter: { window: 2, min: d('0.5'), max: d(1) },
    };
    const rising = padded(closes(101, 102, 103));
    const order: (string | undefined)[] = [];
    for (const name of ['volumeFilter', 'momentumFilter', 'trendFilter', 'volatilityFilter'] as const) {
      order.push(await parts(all).block(rising));
      delete (all as Record<string, unknown>)[name];
    }
    expect(order).toEqual([
      'volume_filter_blocked',
      'momentum_filter_blocked',
      'trend_filter_blocked',
      'volatility_filter_blocked',
    ]);
  });

  it('ignore the candle of the hour that is still running (B-41)', async () => {
    const { block, broker, clock, data } = parts({ volumeFilter: { window: 3, multiplier: d(1) } });
    clock.advance(HOUR / 2);
    expect(await block(padded([{ close: 100, volume: 5 }]))).toBeUndefined();

    const running = parts({ volumeFilter: { window: 3, multiplier: d(1) } });
    running.clock.advance(HOUR / 2);
    const closed = candles(running.clock, padded([{ close: 100, volume: 5 }]));
    const forming = {
      ...(closed.at(-1) as Candle),
      openAt: Math.floor(running.clock.now() / HOUR) * HOUR,
      volume: d('0.001'),
    };
    running.broker.candles = [forming, ...closed.reverse()];
    await running.data.refresh('BTC-USDT');
    expect(running.data.entryBlock('BTC-USDT', running.clock.now())).toBeUndefined();
    expect(broker.candleCalls).toBe(1);
    expect(data.entryBlock('BTC-USDT', clock.now())).toBeUndefined();
  });

  it('hold entries back while candles are missing or could not be fetched', async () => {
    const { data, broker, clock, logger } = parts({ trendFilter: { window: 2, minSlope: d(0) } });
    expect(data.entryBlock('BTC-USDT', clock.now())).toEqual({
      action: 'hold',
      reason: 'indicator_data_unavailable',
      filterRejected: true,
      rejectionType: 'indicator_data_unavailable',
    });

    broker.always('getCandles', { throws: new Error('down') });
    await data.refresh('BTC-USDT');
    expect(data.entryBlock('BTC-USDT', clock.now())?.reason).toBe('indicator_data_unavailable');
    expect(logger.at('warn')).toEqual(['Candles for the entry filters are not available']);
  });

  it('do not decide on candles that have grown old', async () => {
    const { data, block, clock } = parts({ trendFilter: { window: 2, minSlope: d(-100) } });
    expect(await block(padded([]))).toBeUndefined();
    clock.advance(HOUR + 299_999);
    expect(data.entryBlock('BTC-USDT', clock.now())).toBeUndefined();
    clock.advance(1);
    expect(data.entryBlock('BTC-USDT', clock.now())?.reason).toBe('indicator_data_unavailable');
  });

  it('fetch once an hour, and at most every half minute while candles are missing', async () => {
    const { data, block, broker, clock } = parts({ trendFilter: { window: 2, minSlope: d(-100) } });
    await block(padded([]));
    clock.advance(HOUR - 1);
    await data.refresh('BTC-USDT');
    expect(broker.candleCalls).toBe(1);

    clock.advance(1);
    for (let i = 0; i < 13; i += 1) {
      await data.refresh('BTC-USDT');
      clock.advance(5_000);
    }
    expect(broker.candleCalls).toBe(4);
  });
});

describe('market snapshots', () => {
  it('are fetched for strategies that need them, and for sizing and the impact guard', async () => {
    for (const [risk, needs, expected] of [
      [{}, true, true],
      [{ dynamicPositionSizing: true }, false, true],
      [{ marketImpactGuard: true }, false, true],
      [{}, false, false],
    ] as const) {
      const { data, clock } = parts(undefined, risk, needs);
      await data.refresh('BTC-USDT');
      expect(data.snapshot('BTC-USDT', clock.now()) !== undefined).toBe(expected);
    }
  });

  it('are needed, or candles are, exactly where something is fetched', () => {
    const rules: SymbolRules = { volumeFilter: { window: 3, multiplier: d(1) } };
    const needs = (of: SymbolRules | undefined, risk: Partial<BotConfig['risk']>, strategy: boolean): boolean =>
      parts(of, risk, strategy).data.needs('BTC-USDT');
    expect([
      needs(undefined, {}, true),
      needs(undefined, { marketImpactGuard: true }, false),
      needs(rules, {}, false),
      needs(undefined, {}, false),
    ]).toEqual([true, true, true, false]);
  });

  it('are not known after a failed fetch, which is told once', async () => {
    const { data, broker, clock, logger } = parts(undefined, {}, true);
    await data.refresh('BTC-USDT');
    broker.snapshot = new Error('down');
    await data.refresh('BTC-USDT');
    await data.refresh('BTC-USDT');
    expect(data.snapshot('BTC-USDT', clock.now())).toBeUndefined();
    expect(logger.at('warn')).toEqual(['Market snapshot is not available']);
  });

  it('are not known once they are older than a mark may be', async () => {
    const { data, clock } = parts(undefined, { maxMarkStalenessMs: 1_000 }, true);
    await data.refresh('BTC-USDT');
    expect(data.snapshot('BTC-USDT', clock.now() + 1_000)).toBeDefined();
    expect(data.snapshot('BTC-USDT', clock.now() + 1_001)).toBeUndefined();
  });

  it('never make a refresh reject', async () => {
    const { data, logger } = parts(undefined);
    (data as unknown as { registry: unknown }).registry = undefined;
    await expect(data.refresh('BTC-USDT')).resolves.toBeUndefined();
    expect(logger.at('error')).toEqual(['Indicator data could not be refreshed']);
  });
});
