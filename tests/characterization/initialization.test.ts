import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { TOKENS } from '#di/index.js';
import { venueOrderId, OrderRequest, type Order } from '#src/domain/order.js';
import { lots, units } from '#src/domain/units.js';
import { Brokerage } from '#src/ports/venue/brokerage.js';
import { EventStore } from '#src/ports/storage/event-store.js';
import { MarkLock } from '#src/ports/runtime-state/mark-lock.js';
import { OrdersStore } from '#src/ports/storage/orders-store.js';
import { RiskManager } from '#src/ports/core-services/risk-manager.js';
import { instrument } from '#src/testing/instruments.js';
import { rig, type Rig } from './rig.js';

let made: Rig;

beforeEach(() => {
  made = rig({ symbols: ['BTC-PERP', 'ETH-PERP', 'SOL-PERP'] });
});
afterEach(() => made.bot.stop());

/** An order at the venue, as it would be stored. */
function openOrder(at: number): Order {
  const request = new OrderRequest({
    clientId: 'c1',
    instrument: instrument(),
    side: 'buy',
    type: 'market',
    lots: lots(10),
    timeInForce: 'IOC',
    postOnly: false,
    reduceOnly: false,
  });
  return {
    request,
    status: 'open',
    venueIds: [venueOrderId('v1')],
    filled: lots(0),
    filledNotional: units(0),
    createdAt: at,
    updatedAt: at,
  };
}

describe('Initialization invariants', () => {
  it('All services exist after __init__', () => {
    for (const phase of Object.values(TOKENS)) {
      for (const token of Object.values(phase))
        expect(made.bot.container.getAll(token as never).length).toBeGreaterThan(0);
    }
  });

  it('mark_windows initialized for all symbols', async () => {
    await made.bot.open();
    expect([...made.bot.markWindows].map(([symbol, window]) => [symbol, window.length])).toEqual([
      ['BTC-PERP', 0],
      ['ETH-PERP', 0],
      ['SOL-PERP', 0],
    ]);
  });

  it('Locks are created (RLock type)', () => {
    const lock = made.get(MarkLock);
    // Re-entrant: its holder may enter it again, by either door, and leaving gives back exactly what was taken.
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
    await made.bot.open();
    const { broker, riskManager } = made.bot;
    expect(broker === made.broker).toBe(true);
    expect(broker === made.get(Brokerage)).toBe(true);
    expect(riskManager === made.get(RiskManager)).toBe(true);
  });

  it('Event/orders stores exist', async () => {
    await made.bot.open();
    const order = openOrder(made.clock.now());
    made.get(OrdersStore).upsert(order);
    expect(made.get(OrdersStore).open()).toEqual([order]);
    expect(
      made
        .get(EventStore)
        .query({ types: ['order'] })
        .map((event) => event.payload['client_id']),
    ).toEqual(['c1']);
  });
});
