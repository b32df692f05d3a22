import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import type { OrderLog } from '#src/ports/core-services/execution.js';
import { BaselineStrategyDefinition } from '#src/services/strategy/built-in/baseline-strategy-definition.js';
import { ConfiguredStrategyRegistry } from '#src/services/strategy/configured-strategy-registry.js';
import { StrategyStateKeeper } from '#src/services/strategy/strategy-state-keeper.js';
import { FakeConfigController, testConfig } from '../../support/config.js';
import { RecordingLogger } from '#src/testing/recording-logger.js';
import { ManualScheduler } from '#src/testing/manual-scheduler.js';
import { FakeEventStore } from '../../support/memory-event-store.js';
import { Market } from '../../support/strategy-parts.js';

function parts(events = new FakeEventStore(), settings = testConfig()) {
  const config = new FakeConfigController(settings);
  const registry = new ConfiguredStrategyRegistry(config, [new BaselineStrategyDefinition()]);
  const scheduler = new ManualScheduler();
  const logger = new RecordingLogger();
  const orders: Parameters<OrderLog['onChange']>[0][] = [];
  return {
    events,
    config,
    registry,
    scheduler,
    logger,
    orders,
    keeper: new StrategyStateKeeper(events, registry, config, scheduler, logger, {
      onChange: (listener) => {
        orders.push(listener);
        return () => void orders.splice(orders.indexOf(listener), 1);
      },
    }),
  };
}

/** A long from 100 whose peak is 110. */
function holding(registry: ConfiguredStrategyRegistry): Market {
  const market = new Market().push(100);
  market.fill('buy', 1, 100);
  registry.strategyFor('BTC-PERP').decide(market.push(110).context());
  return market;
}

describe('StrategyStateKeeper', () => {
  it('journals a changed state once a minute and at the end, and nothing that did not change', async () => {
    const { events, registry, scheduler, keeper } = parts();
    keeper.start();
    await scheduler.advance(60_000);
    expect(events.payloads('strategy_state')).toEqual([]);

    const market = holding(registry);
    await scheduler.advance(120_000);
    expect(events.payloads('strategy_state')).toMatchObject([
      { symbol: 'BTC-PERP', strategy: 'baseline', state: { side: 'long', peak: '110' } },
    ]);

    registry.strategyFor('BTC-PERP').decide(market.push(111).context());
    keeper.stop();
    keeper.stop();
    expect(events.payloads('strategy_state').map(({ state }) => (state as { peak: string }).peak)).toEqual([
      '110',
      '111',
    ]);
    expect(scheduler.pending).toBe(0);
  });

  it('journals a state with the order that was asked for, and what was noted after it in the same turn', async () => {
    const { events, registry, keeper, orders } = parts();
    keeper.start();
    const market = holding(registry);
    const order = { request: { symbol: 'BTC-PERP' } } as Parameters<(typeof orders)[number]>[0];
    orders[0]?.(order, undefined);
    expect(events.payloads('strategy_state')).toMatchObject([{ state: { peak: '110' } }]);

    registry.strategyFor('BTC-PERP').decide(market.push(111).context());
    // A change of an order that was asked for before says nothing about the strategy.
    orders[0]?.(order, order);
    expect(events.payloads('strategy_state')).toHaveLength(1);
    await Promise.resolve();
    expect(events.payloads('strategy_state')).toMatchObject([{ state: { peak: '110' } }, { state: { peak: '111' } }]);
    keeper.stop();
    expect(orders).toEqual([]);
  });

  it('gives the newest state back after a restart (B-16)', () => {
    const before = parts();
    before.keeper.start();
    const market = holding(before.registry);
    before.keeper.stop();

    const after = parts(before.events);
    after.keeper.start();
    expect(after.registry.strategyFor('BTC-PERP').decide(market.push('108.9').context()).reason).toBe(
      'Trailing stop hit: peak 110, stop 108.9, mark 108.9',
    );
  });

  it('journals the end of a state, so that an old one does not come back', () => {
    const { events, registry, keeper } = parts();
    keeper.start();
    const market = holding(registry);
    keeper.stop();
    keeper.start();
    market.fill('sell', 1, 110);
    registry.strategyFor('BTC-PERP').onFill({ instrument: market.of } as never, market.position);
    keeper.stop();
    expect(events.payloads('strategy_state').map(({ state }) => state === null)).toEqual([false, true]);
  });

  it('carries the state of a symbol that left the configuration with an open position', () => {
    const before = parts();
    before.keeper.start();
    const market = holding(before.registry);
    before.keeper.stop();
    before.keeper.start();
    before.config.apply({ updated: testConfig({ symbols: ['ETH-PERP'] }), diff: {} });
    before.registry.strategyFor('BTC-PERP').decide(market.push(120).context());
    before.keeper.stop();

    const after = parts(before.events, testConfig({ symbols: ['ETH-PERP'] }));
    after.keeper.start();
    expect(after.registry.strategyFor('BTC-PERP').decide(market.push('118.8').context()).reason).toBe(
      'Trailing stop hit: peak 120, stop 118.8, mark 118.8',
    );
  });

  it('ignores the state of another strategy', () => {
    const { events, registry, keeper } = parts();
    events.append('strategy_state', {
      symbol: 'BTC-PERP',
      strategy: 'enhanced',
      state: { side: 'long', opened_at: 1, peak: '1' },
    });
    keeper.start();
    expect(registry.strategyFor('BTC-PERP').snapshot('BTC-PERP')).toBeUndefined();
  });

  it('reports a state it cannot read and starts without it', () => {
    const { events, logger, keeper, scheduler } = parts();
    events.append('strategy_state', { symbol: 'BTC-PERP', strategy: 'baseline', state: 'nonsense' });
    keeper.start();
    expect(logger.at('error')).toEqual(['Strategy state could not be restored']);
    expect(scheduler.pending).toBe(1);
  });

  it('may be stopped before it was started', () => {
    const { events, keeper } = parts();
    keeper.stop();
    expect(events.events).toEqual([]);
  });
});
