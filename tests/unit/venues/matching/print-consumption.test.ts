import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Decimal } from '#src/domain/decimal.js';
import type { Side } from '#src/domain/order.js';
import { lots, marks, ticks } from '#src/domain/units.js';
import { MarginWorld } from '../margin-world.js';
import { SimulatedWorld, T0 } from '../simulated-world.js';

type Levels = readonly (readonly [price: number, size: number])[];

function show(world: SimulatedWorld, bids: Levels, asks: Levels, at = T0, snapshot = true): void {
  const { venue } = world;
  venue.depthBegin('BTC-PERP', snapshot);
  for (const [price, size] of bids) venue.depth('BTC-PERP', 'buy', ticks(price), lots(size));
  for (const [price, size] of asks) venue.depth('BTC-PERP', 'sell', ticks(price), lots(size));
  venue.depthEnd('BTC-PERP', at);
}

const print = (world: SimulatedWorld, price: number, size: number, aggressor?: Side, at = T0 + 1): void =>
  world.venue.trade('BTC-PERP', ticks(price), lots(size), at, aggressor);

const ASKS: Levels = [
  [1_000, 10],
  [1_001, 10],
];

describe('a print takes from the book it describes', () => {
  it('before a stop that it fires takes what is left (nautilus_trader #3596)', () => {
    const world = new SimulatedWorld();
    show(world, [[999, 10]], ASKS);
    world.stop('buy', 5, 1_001);
    print(world, 1_001, 8, 'buy');
    expect(world.fills).toEqual(['buy 2@1000 taker', 'buy 3@1001 taker']);
  });

  it('and leaves a protective stop waiting where it took everything, to be filled at the next prices', () => {
    const world = new SimulatedWorld();
    show(
      world,
      [
        [99, 10],
        [98, 10],
      ],
      [[100, 50]],
    );
    world.submit('buy', 5);
    world.venue.trade('BTC-PERP', ticks(100), lots(1), T0);
    world.stop('sell', 5, 99, { reduceOnly: true });
    print(world, 98, 20, 'sell');
    expect(world.fills).toEqual(['buy 5@100 taker']);
    expect(world.venue.openOrders()).toHaveLength(1);
    show(world, [[97, 3]], [[100, 50]], T0 + 2, false);
    show(world, [[96, 9]], [], T0 + 3, false);
    expect(world.fills.slice(1)).toEqual(['sell 3@97 taker', 'sell 2@96 taker']);
    expect(world.position).toBe(0);
  });

  it.each([
    ['a market order', (world: SimulatedWorld) => world.submit('buy', 5)],
    ['a limit order', (world: SimulatedWorld) => world.limit('buy', 5, 100)],
    ['an immediate-or-cancel order', (world: SimulatedWorld) => world.limit('buy', 5, 100, { timeInForce: 'IOC' })],
  ])('before %s that comes between it and the next quote', (_name, send) => {
    const world = new SimulatedWorld();
    world.quote(99, 10, 100, 10);
    print(world, 100, 8);
    send(world);
    expect(world.fills).toEqual(['buy 2@100 taker']);
  });

  it('before a fill-or-kill order is asked whether it can be filled', () => {
    const world = new SimulatedWorld();
    world.quote(99, 10, 100, 10);
    print(world, 100, 8);
    expect(world.limit('buy', 5, 100, { timeInForce: 'FOK' })).toMatchObject({ reason: 'not_fillable' });
  });

  it('before a liquidation sells into it', () => {
    const world = new MarginWorld({ insuranceFund: new Decimal(1_000) }, {}, 100);
    world.at(100);
    world.open(90, 10);
    show(
      world,
      [
        [92, 40],
        [91, 1_000],
      ],
      [[93, 10]],
      T0 + 2_000,
    );
    print(world, 92, 30, 'sell', T0 + 2_001);
    world.venue.mark('BTC-PERP', marks(1 * world.instrument.marksPerTick), T0 + 2_002);
    expect(world.forced[0]).toBe('liquidation sell 10@92');
  });

  it('by who traded where that is known, by the price it met where it is not, and never from both sides', () => {
    const left = (price: number, aggressor?: Side): readonly unknown[] => {
      const world = new SimulatedWorld();
      world.quote(99, 10, 101, 10);
      print(world, price, 4, aggressor);
      const market = world.venue.markets.get('BTC-PERP');
      return [market?.bidLots, market?.askLots];
    };
    expect(left(101)).toEqual([10, 6]);
    expect(left(99)).toEqual([6, 10]);
    expect(left(100)).toEqual([10, 10]);
    expect(left(99, 'buy')).toEqual([10, 10]);
    expect(left(105, 'buy')).toEqual([10, 6]);
    expect(left(101, 'sell')).toEqual([10, 10]);
  });

  it('and what is behind it in a queue that was joined by a larger size has its place before the print', () => {
    const world = new SimulatedWorld();
    world.quote(99, 10, 101, 10);
    world.limit('buy', 1, 99);
    world.venue.amend({ ref: { clientId: 'c1', symbol: 'BTC-PERP' }, lots: lots(2) });
    print(world, 99, 10, 'sell');
    expect(world.fills).toEqual([]);
    print(world, 99, 2, 'sell', T0 + 2);
    expect(world.fills).toEqual(['buy 2@99 maker']);
  });

  it('so that no fill takes more of a level, or a better one, than prints and earlier fills have left', () => {
    const level = (from: number): fc.Arbitrary<Levels> =>
      fc
        .uniqueArray(fc.tuple(fc.integer({ min: from, max: from + 5 }), fc.integer({ min: 1, max: 20 })), {
          minLength: 1,
          maxLength: 5,
          selector: ([price]) => price,
        })
        .map((levels) => levels);
    const event = fc.oneof(
      fc.record({ kind: fc.constant('book' as const), bids: level(94), asks: level(100) }),
      fc.record({
        kind: fc.constant('print' as const),
        price: fc.integer({ min: 93, max: 106 }),
        size: fc.integer({ min: 1, max: 30 }),
        aggressor: fc.constantFrom(undefined, 'buy' as const, 'sell' as const),
      }),
      fc.record({
        kind: fc.constant('order' as const),
        side: fc.constantFrom('buy' as const, 'sell' as const),
        size: fc.integer({ min: 1, max: 15 }),
        stop: fc.boolean(),
      }),
    );
    const first = fc.record({ kind: fc.constant('book' as const), bids: level(94), asks: level(100) });
    fc.assert(
      fc.property(first, fc.array(event, { minLength: 5, maxLength: 40 }), (start, events) => {
        const world = new SimulatedWorld({}, { equity: new Decimal(1_000_000) });
        const book = { buy: new Map<number, number>(), sell: new Map<number, number>() };
        const best = (side: Side): number => {
          const prices = [...book[side]].flatMap(([price, size]) => (size > 0 ? [price] : []));
          return side === 'buy' ? Math.max(...prices) : Math.min(...prices);
        };
        const take = (side: Side, price: number, size: number): void => {
          const was = book[side].get(price) ?? 0;
          expect(was).toBeGreaterThanOrEqual(size);
          book[side].set(price, was - size);
        };
        let seen = 0;
        let at = T0;
        for (const each of [start, ...events]) {
          at += 1;
          if (each.kind === 'book') {
            book.buy = new Map(each.bids);
            book.sell = new Map(each.asks);
            show(world, each.bids, each.asks, at);
          } else if (each.kind === 'print') {
            const { price, size, aggressor } = each;
            const buys = aggressor !== 'sell' && price >= best('sell');
            const sells = !buys && aggressor !== 'buy' && price <= best('buy');
            const side: Side = buys ? 'sell' : 'buy';
            for (let left = size; left > 0 && (buys || sells);) {
              const top = best(side);
              if (!Number.isFinite(top) || (buys ? top > price : top < price)) break;
              const taken = Math.min(left, book[side].get(top) ?? 0);
              take(side, top, taken);
              left -= taken;
            }
            print(world, price, size, aggressor, at);
          } else if (each.stop) world.stop(each.side, each.size, each.side === 'buy' ? 101 : 98);
          else world.submit(each.side, each.size);
          for (const fill of world.venue.fills.slice(seen)) {
            const side: Side = fill.side === 'buy' ? 'sell' : 'buy';
            if (world.venue.markets.get('BTC-PERP')?.depth === undefined || fill.liquidity === 'maker') continue;
            if (Number.isFinite(best(side))) expect(fill.price).toBe(best(side));
            take(side, fill.price, fill.lots);
          }
          seen = world.venue.fills.length;
        }
      }),
      { numRuns: 300 },
    );
  });
});
