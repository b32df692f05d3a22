import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Decimal } from '#src/domain/decimal.js';
import { hold } from '#src/domain/decision.js';
import type { BotConfig } from '#src/ports/configuration/settings/bot-config.js';
import type { StrategySettings } from '#src/ports/configuration/settings/strategy-settings.js';
import type { Strategy, StrategyDefinition } from '#src/ports/core-services/strategy.js';
import { BaselineStrategyDefinition } from '#src/services/strategy/built-in/baseline-strategy-definition.js';
import { ConfiguredStrategyRegistry } from '#src/services/strategy/configured-strategy-registry.js';
import { EnhancedStrategyDefinition } from '#src/services/strategy/built-in/enhanced-strategy-definition.js';
import { fill } from '../../support/fills.js';
import { FakeConfigController, testConfig } from '../../support/config.js';
import { instrument } from '#src/testing/instruments.js';
import { Market } from '../../support/strategy-parts.js';

const d = (value: number | string): Decimal => new Decimal(value);
const SPOT = instrument({ symbol: 'BTC-USDT', kind: 'spot' });

/** A host's own strategy that shows the settings it was made with. */
class HostDefinition implements StrategyDefinition {
  readonly name = 'host';
  readonly parameters = ['speed', 'targetLeverage', 'enableShorts'];
  readonly made: StrategySettings[] = [];
  lookback(): number {
    return 7;
  }
  create(settings: StrategySettings): Strategy {
    this.made.push(settings);
    return {
      name: 'host',
      lookback: 7,
      needsSnapshot: false,
      decide: () => hold('host'),
      onFill: () => undefined,
      snapshot: () => undefined,
      restore: () => undefined,
    };
  }
}

function registry(
  config: BotConfig,
  host = new HostDefinition(),
): { registry: ConfiguredStrategyRegistry; controller: FakeConfigController; host: HostDefinition } {
  const controller = new FakeConfigController(config);
  return {
    registry: new ConfiguredStrategyRegistry(controller, [
      new BaselineStrategyDefinition(),
      new EnhancedStrategyDefinition(),
      host,
    ]),
    controller,
    host,
  };
}

const withParams = (params: StrategySettings['params'], name = 'baseline'): BotConfig =>
  testConfig({ strategy: { name, params } });

describe('ConfiguredStrategyRegistry choosing', () => {
  it.each(['baseline', 'enhanced', 'host'])('makes %s when it is configured (B-20)', (name) => {
    expect(registry(testConfig({ strategy: { name } })).registry.strategyFor('BTC-PERP').name).toBe(name);
  });

  it('refuses an unknown name and says which is near', () => {
    expect(() => registry(testConfig({ strategy: { name: 'basline' } }))).toThrow(
      expect.objectContaining({ code: 'CFG-008', fix: 'Did you mean baseline?' }),
    );
    expect(() => registry(testConfig({ strategy: { name: 'xyz' } }))).toThrow(
      expect.objectContaining({ code: 'CFG-008', fix: 'Use one of: baseline, enhanced, host.' }),
    );
  });

  it('refuses two strategies of one name', () => {
    expect(
      () =>
        new ConfiguredStrategyRegistry(new FakeConfigController(), [
          new BaselineStrategyDefinition(),
          new BaselineStrategyDefinition(),
        ]),
    ).toThrow(expect.objectContaining({ code: 'CFG-008' }));
  });

  it('makes one instance per symbol, unknown symbols included, and keeps it', () => {
    const { registry: made } = registry(testConfig({ symbols: ['BTC-PERP', 'ETH-PERP'] }));
    expect(made.strategyFor('BTC-PERP')).toBe(made.strategyFor('BTC-PERP'));
    expect(made.strategyFor('BTC-PERP')).not.toBe(made.strategyFor('ETH-PERP'));
    expect(made.strategyFor('DOGE-PERP').name).toBe('baseline');
  });
});

describe('ConfiguredStrategyRegistry settings per symbol', () => {
  it('puts the rules of a symbol before the common windows and fraction, and states the lookback they need (B-14)', () => {
    const config = testConfig({
      symbols: ['BTC-USDT', 'ETH-USDT'],
      derivatives: false,
      strategy: {
        targetLeverage: 1,
        perSymbol: { 'BTC-USDT': { shortMa: 5, longMa: 40, positionFraction: d('0.1') } },
      },
    });
    const { registry: made } = registry(config);
    expect([made.lookbackFor('BTC-USDT'), made.lookbackFor('ETH-USDT')]).toEqual([41, 21]);

    const market = new Market(SPOT).flatAt(100, 40).push(101);
    const decision = made.strategyFor('BTC-USDT').decide(market.context());
    expect(SPOT.money(decision.notional ?? (0 as never)).toString()).toBe('10000');
  });

  it('gives strategies neither leverage nor shorts while derivatives are off, parameters included', () => {
    const { host } = registry(
      testConfig({
        derivatives: false,
        strategy: {
          name: 'host',
          targetLeverage: 3,
          enableShorts: true,
          params: { speed: 1, targetLeverage: 4, enableShorts: true },
        },
      }),
    );
    expect(host.made[0]).toMatchObject({
      targetLeverage: 1,
      enableShorts: false,
      params: { speed: 1, targetLeverage: 1, enableShorts: false },
    });
  });
});

describe('ConfiguredStrategyRegistry after a configuration change', () => {
  const change = (controller: FakeConfigController, updated: BotConfig): void =>
    controller.apply({ updated, diff: {} });

  it('keeps a strategy whose settings are deeply equal, state and all (B-23)', () => {
    const { registry: made, controller } = registry(
      testConfig({ symbols: ['BTC-PERP', 'ETH-PERP'], strategy: { perSymbol: { 'BTC-PERP': { longMa: 30 } } } }),
    );
    const [btc, eth] = [made.strategyFor('BTC-PERP'), made.strategyFor('ETH-PERP')];

    change(
      controller,
      testConfig({
        symbols: ['ETH-PERP', 'BTC-PERP'],
        strategy: { trailingStop: d('0.010'), perSymbol: { 'BTC-PERP': { longMa: 31 } } },
      }),
    );
    expect(made.strategyFor('ETH-PERP')).toBe(eth);
    expect(made.strategyFor('BTC-PERP')).not.toBe(btc);
    expect(made.lookbackFor('BTC-PERP')).toBe(32);
  });

  it('hands the stop of an open position to the strategy made anew (B-23)', () => {
    const { registry: made, controller } = registry(testConfig());
    const market = new Market().push(100);
    const position = market.fill('buy', 1, 100);
    made.strategyFor('BTC-PERP').onFill(fill(market.of, 'buy', 1000, 1000), position);
    made.strategyFor('BTC-PERP').decide(market.push(110).context());

    change(controller, testConfig({ strategy: { trailingStop: d('0.05') } }));
    expect(made.strategyFor('BTC-PERP').decide(market.push('104.5').context()).reason).toBe(
      'Trailing stop hit: peak 110, stop 104.5, mark 104.5',
    );
  });

  it('keeps the strategy of a symbol that left: its position may still be open', () => {
    const { registry: made, controller } = registry(testConfig({ symbols: ['BTC-PERP', 'ETH-PERP'] }));
    const market = new Market().push(100);
    const position = market.fill('buy', 1, 100);
    made.strategyFor('BTC-PERP').onFill(fill(market.of, 'buy', 1000, 1000), position);
    made.strategyFor('BTC-PERP').decide(market.push(110).context());

    change(controller, testConfig({ symbols: ['ETH-PERP'] }));
    expect(made.strategyFor('BTC-PERP').decide(market.push('108.9').context()).reason).toBe(
      'Trailing stop hit: peak 110, stop 108.9, mark 108.9',
    );
  });

  it('keeps what is in force when the new configuration names an unknown strategy', () => {
    const { registry: made, controller } = registry(testConfig());
    const before = made.strategyFor('BTC-PERP');
    expect(() => change(controller, testConfig({ strategy: { name: 'nope' } }))).toThrow(
      expect.objectContaining({ code: 'CFG-008' }),
    );
    expect(made.strategyFor('BTC-PERP')).toBe(before);
  });
});

describe('strategy parameters', () => {
  const lookback = (params: StrategySettings['params'], name = 'baseline'): number =>
    registry(withParams(params, name)).registry.lookbackFor('BTC-PERP');
  const decide = (params: StrategySettings['params']): ReturnType<Strategy['decide']> =>
    registry(withParams(params))
      .registry.strategyFor('BTC-PERP')
      .decide(new Market().flatAt(100, 20).push(101).context());

  it('override the settings of the built-in strategies, as numbers or as text', () => {
    expect(lookback({ longMa: 30 })).toBe(31);
    expect(lookback({ longMa: '30', crossConfirmBars: '2', shortMa: 6 })).toBe(33);
    expect(lookback({ longMa: 30 }, 'enhanced')).toBe(50);
    expect(lookback({ longMa: 30, requireRsiConfirmation: 'false' }, 'enhanced')).toBe(31);
  });

  it('reach sizing, epsilon, caps and switches', () => {
    expect(decide({ positionFraction: '10%', targetLeverage: 3 })).toMatchObject({
      notional: 3_000_000_000_000,
      leverage: 3,
    });
    expect(decide({ maxTradeNotional: 1000 }).notional).toBe(100_000_000_000);
    expect(decide({ crossEpsilonBps: '30' }).action).toBe('hold');
    expect(decide({ disableNewEntries: 'true' }).reason).toBe('New entries disabled');
    expect(decide({ trailingStop: 0.02, enableShorts: true, onReduceOnly: 'close' }).action).toBe('buy');
  });

  it('are refused by name when unknown', () => {
    expect(() => lookback({ longMA: 3 })).toThrow(
      expect.objectContaining({ code: 'CFG-008', fix: 'Did you mean longMa?' }),
    );
    expect(() => lookback({ speed: 3 })).toThrow(/strategy.params.speed must be a parameter of baseline, was unknown/);
    expect(() => lookback({ sped: 3 }, 'host')).toThrow(expect.objectContaining({ fix: 'Did you mean speed?' }));
  });

  it.each<[StrategySettings['params'], RegExp]>([
    [{ longMa: '3.5' }, /longMa must be a whole number of at least 1, was "3.5"/],
    [{ longMa: true }, /longMa must be a whole number/],
    [{ shortMa: 0 }, /shortMa must be a whole number of at least 1, was 0/],
    [{ crossConfirmBars: -1 }, /crossConfirmBars must be a whole number of at least 0/],
    [{ trailingStop: '110%' }, /trailingStop must be a fraction from 0 to 1/],
    [{ trailingStop: 'abc' }, /trailingStop must be a fraction/],
    [{ positionFraction: -0.1 }, /positionFraction must be a fraction/],
    [{ targetLeverage: 0.5 }, /targetLeverage must be a leverage of at least 1/],
    [{ maxTradeNotional: '-5' }, /maxTradeNotional must be a number of at least 0/],
    [{ maxTradeNotional: NaN }, /maxTradeNotional must be a number/],
    [{ enableShorts: 'yes' }, /enableShorts must be true or false, was "yes"/],
    [{ enableShorts: 1 }, /enableShorts must be true or false/],
    [{ onReduceOnly: 'sell' }, /onReduceOnly must be one of hold, close/],
  ])('are refused when malformed: %j', (params, message) => {
    expect(() => lookback(params)).toThrow(
      expect.objectContaining({ code: 'CFG-002', message: expect.stringMatching(message) }),
    );
  });

  it('are refused when no cross can come of them', () => {
    expect(() => lookback({ shortMa: 20, longMa: 20 })).toThrow(expect.objectContaining({ code: 'CFG-006' }));
  });

  it('give the same lookback before a strategy is made as after', () => {
    for (const [definition, name] of [
      [new BaselineStrategyDefinition(), 'baseline'],
      [new EnhancedStrategyDefinition(), 'enhanced'],
    ] as const) {
      const config = withParams({ longMa: 70, crossConfirmBars: 1 }, name);
      expect(definition.lookback(config.strategy)).toBe(registry(config).registry.lookbackFor('BTC-PERP'));
    }
  });
});
