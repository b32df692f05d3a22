import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Decimal } from '#src/domain/decimal.js';
import type { OrderRequest } from '#src/domain/order.js';
import type { OrderRef } from '#src/ports/venue/order-ref.js';
import { ticks } from '#src/domain/units.js';
import { SimulatedBrokerage } from '#src/venues/simulated/brokerage/simulated-brokerage.js';
import { SimulatedWorld, verdict } from '../simulated-world.js';

const ref = (clientId: string): OrderRef => ({ clientId, symbol: 'BTC-PERP' });

function open(): { world: SimulatedWorld; broker: SimulatedBrokerage; limit: (price: number) => OrderRequest } {
  const world = new SimulatedWorld();
  world.quote(99, 50, 101, 50);
  return {
    world,
    broker: new SimulatedBrokerage(world.venue, world.config),
    limit: (price) => world.request('buy', 5, { type: 'limit', limit: ticks(price) }),
  };
}

describe('batches of the exchange inside', () => {
  it('offers what it can do', () => {
    expect(open().broker.capabilities).toMatchObject({
      orderTypes: [
        'market',
        'limit',
        'stop_market',
        'stop_limit',
        'take_profit_market',
        'take_profit_limit',
        'trailing_stop',
      ],
      timeInForce: ['GTC', 'IOC', 'FOK', 'GTD'],
      amend: 'in_place',
      cancelAll: 'account',
      batch: { place: 5, cancel: 10 },
      deadMan: { per: 'symbol' },
    });
  });

  it('places up to five orders, each with an outcome of its own, in the order given', async () => {
    const { world, broker, limit } = open();
    const outcomes = await broker.placeOrders([
      limit(95),
      limit(0),
      world.request('buy', 5, { clientId: 'c1' }),
      limit(94),
    ]);
    expect(outcomes.map(verdict)).toEqual(['accepted', 'price_filter', 'duplicate_client_id', 'accepted']);
    expect(world.venue.openOrders().map((order) => order.request.limit)).toEqual([95, 94]);
    await expect(broker.placeOrders(Array.from({ length: 6 }, () => limit(90)))).rejects.toMatchObject({
      code: 'VENUE-003',
    });
    expect(world.venue.openOrders()).toHaveLength(2);
  });

  it('cancels up to ten orders, each with an outcome of its own', async () => {
    const { world, broker, limit } = open();
    await broker.placeOrders([limit(95), limit(94)]);
    expect(
      (await broker.cancelOrders([ref('c2'), ref('zz'), ref('c2'), ref('c1')])).map(({ outcome }) => outcome),
    ).toEqual(['cancelled', 'not_open', 'not_open', 'cancelled']);
    expect(world.venue.openOrders()).toEqual([]);
    await expect(broker.cancelOrders(Array.from({ length: 11 }, () => ref('c1')))).rejects.toMatchObject({
      code: 'VENUE-003',
    });
  });

  it('tells nothing of a batch when the exchange has failed: every outcome is unknown', async () => {
    const { world, broker, limit } = open();
    world.venue.open();
    Object.assign(world.venue, {
      submit: () => {
        throw new Error('cut short');
      },
    });
    expect((await broker.placeOrders([limit(95), limit(94)])).map(({ outcome }) => outcome)).toEqual([
      'unknown',
      'unknown',
    ]);
  });

  it('cancels a bracket whole, each order as cancelled', async () => {
    const { world, broker, limit } = open();
    const entry = limit(95);
    await broker.placeOrders([
      entry,
      world.request('sell', 5, {
        type: 'stop_market',
        stop: ticks(90),
        reduceOnly: true,
        options: { after: entry.clientId },
      }),
    ]);
    expect((await broker.cancelAll('BTC-PERP')).map(({ outcome }) => outcome)).toEqual(['cancelled', 'cancelled']);
  });

  it('amends through the port, and says which order it was', async () => {
    const { world, broker, limit } = open();
    const placed = await broker.placeOrder(limit(95));
    expect(await broker.amendOrder({ ref: ref('c1'), limit: ticks(96) })).toEqual(placed);
    expect((await broker.getOrder(ref('c1'))) as unknown).toMatchObject({
      found: true,
      order: { price: new Decimal(96) },
    });
    expect(world.venue.openOrders()).toHaveLength(1);
  });
});
