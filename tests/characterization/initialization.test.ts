import { afterEach, describe, expect, it } from '@jest/globals';
import { TOKENS } from '#di/index.js';
import type { Order } from '#src/domain/order.js';
import { OrderRequest } from '#src/domain/order.js';
import { lots, units } from '#src/domain/units.js';
import { Brokerage } from '#src/ports/brokerage.js';
import { EventStore } from '#src/ports/event-store.js';
import { MarkLock } from '#src/ports/mark-lock.js';
import { OrdersStore } from '#src/ports/orders-store.js';
import { RiskManager } from '#src/ports/risk-manager.js';
import { testBot, type TestBot } from '../support/bot.js';
import { testConfig } from '../support/config.js';
import { FakeBroker } from '../support/fake-broker.js';
import { instrument, instrumentSpec } from '../support/instruments.js';

const SYMBOLS = ['BTC-PERP', 'ETH-PERP'];

function twoSymbols(): TestBot {
  const broker = new FakeBroker();
  broker.products = SYMBOLS.map((symbol) => instrumentSpec({ symbol }));
  return testBot({ broker, config: testConfig({ symbols: SYMBOLS, instruments: Object.fromEntries(broker.products.map((spec) => [spec.symbol, spec])) }) });
}

/** An order on its way, as placement would store it. */
function order(at: number): Order {
  const request = new OrderRequest({ clientId: 'c1', instrument: instrument(), side: 'buy', type: 'market', lots: lots(10), timeInForce: 'IOC', postOnly: false, reduceOnly: false });
  return { request, status: 'open', venueIds: ['v1'], filled: lots(0), filledNotional: units(0), createdAt: at, updatedAt: at };
}

describe('Initialization invariants', () => {
  let made: TestBot;
  afterEach(() => made.bot.stop());

  it('All services exist after __init__', () => {
    made = twoSymbols();
    for (const phase of Object.values(TOKENS)) {
      for (const token of Object.values(phase)) expect(made.bot.container.getAll(token as never).length).toBeGreaterThan(0);
    }
  });

  it('mark_windows initialized for all symbols', async () => {
    made = twoSymbols();
    await made.bot.open();
    expect([...made.bot.markWindows].map(([symbol, window]) => [symbol, window.length])).toEqual([['BTC-PERP', 0], ['ETH-PERP', 0]]);
  });

  it('Locks are created (RLock type)', () => {
    made = twoSymbols();
    const lock = made.get(MarkLock);
    expect(lock.depth).toBe(0);
    // Re-entrant: whoever holds it may enter it again, by either door, and gives back what was taken.
    const depths = lock.runExclusive(() => {
      lock.enter();
      const inner = lock.runExclusive(() => lock.depth);
      lock.exit();
      return [inner, lock.depth];
    });
    expect(depths).toEqual([3, 1]);
    expect(lock.depth).toBe(0);
  });

  it('Registry has broker, risk_manager', async () => {
    made = twoSymbols();
    await made.bot.open();
    const { broker, riskManager } = made.bot;
    expect(broker).toBe(made.broker);
    expect(made.get(Brokerage)).toBe(broker);
    expect(made.get(RiskManager)).toBe(riskManager);
  });

  it('Event/orders stores exist', async () => {
    made = twoSymbols();
    await made.bot.open();
    const kept = order(made.clock.now());
    made.get(OrdersStore).upsert(kept);
    expect(made.get(OrdersStore).open()).toEqual([kept]);
    expect(made.get(EventStore).query({ types: ['order'] }).map((event) => event.payload['client_id'])).toEqual(['c1']);
  });
});
