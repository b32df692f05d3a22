import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { lots, ticks } from '#src/domain/units.js';
import type { TradeRows } from '#src/ports/core-services/simulated-exchange.js';
import { MemoryExchangeStore, SimulatedWorld, T0 } from '../simulated-world.js';

const SYMBOL = 'BTC-PERP';

const rowsOf = (trades: readonly (readonly [at: number, price: number, size: number])[]): TradeRows => ({
  at: Float64Array.from(trades, ([at]) => T0 + at),
  price: Float64Array.from(trades, ([, price]) => price),
  size: Float64Array.from(trades, ([, , size]) => size),
});

const one = ({ venue }: SimulatedWorld, { at, price, size }: TradeRows, row: number): void =>
  venue.trade(SYMBOL, ticks(price[row] as number), lots(size[row] as number), Math.floor(at[row] as number));

/** As the pump does: stretches at once, and one by itself where a stretch ends. */
function play(world: SimulatedWorld, rows: TradeRows, from: number, to: number): number {
  let quiet = 0;
  for (let row = from; row < to;) {
    const next = world.venue.quietTrades(SYMBOL, rows, row, to, Number.POSITIVE_INFINITY);
    quiet += next - row;
    if (next === row) one(world, rows, row);
    row = Math.max(next, row + 1);
  }
  return quiet;
}

/** Everything that trades move. */
function seen({ venue, fills, reports }: SimulatedWorld): unknown {
  const market = venue.markets.get(SYMBOL);
  const { cash } = venue.account.ledger;
  return {
    fills,
    reports,
    cash,
    time: venue.time,
    at: market?.at,
    last: market?.last,
    mark: market?.mark,
    left: [market?.bid, market?.bidLots, market?.ask, market?.askLots],
    candles: market?.history.encode(),
    funding: market?.funding.nextAt,
  };
}

const opened = (): SimulatedWorld => new SimulatedWorld({ fundingIntervalHours: 1 }, {});

describe('trades that concern nobody, taken at once', () => {
  it('leave what they leave one by one, whatever is open, falls due or is liquidated among them', () => {
    const order = fc.record({
      after: fc.nat(60),
      side: fc.constantFrom('buy' as const, 'sell' as const),
      size: fc.integer({ min: 1, max: 900 }),
      limit: fc.option(fc.integer({ min: 60, max: 140 })),
    });
    const tape = fc.array(
      fc.tuple(fc.nat(400_000), fc.integer({ min: 60, max: 140 }), fc.integer({ min: 1, max: 50 })),
      { minLength: 5, maxLength: 60 },
    );
    fc.assert(
      fc.property(tape, fc.array(order, { maxLength: 3 }), (gaps, orders) => {
        let at = 0;
        const rows = rowsOf(gaps.map(([gap, price, size]) => [(at += gap / 3), price, size]));
        const [whole, single] = [opened(), opened()];
        let row = 0;
        for (const { after, side, size, limit } of [...orders].sort((a, b) => a.after - b.after)) {
          const to = Math.min(Math.max(row, after), gaps.length);
          play(whole, rows, row, to);
          for (; row < to; row += 1) one(single, rows, row);
          for (const world of [whole, single]) {
            if (limit === null) world.submit(side, size);
            else world.limit(side, size, limit);
          }
        }
        play(whole, rows, row, gaps.length);
        for (; row < gaps.length; row += 1) one(single, rows, row);
        expect(seen(whole)).toEqual(seen(single));
      }),
      { numRuns: 150 },
    );
  });

  it.each(['quote', 'depth'] as const)('take from a %s that stands what they take one by one', (kind) => {
    const rows = rowsOf([
      [1, 99, 4],
      [2, 101, 3],
      [3, 98, 9],
      [4, 103, 30],
      [5, 100, 7],
    ]);
    for (const side of [undefined, [-1, 1, -1, 1, 1], [1, -1, 0, 0, 0]]) {
      const given = side === undefined ? rows : { ...rows, side };
      const [whole, single] = [opened(), opened()];
      for (const { venue } of [whole, single]) {
        if (kind === 'quote') venue.quote(SYMBOL, ticks(99), lots(10), ticks(101), lots(10), T0);
        else {
          venue.depthBegin(SYMBOL, true);
          for (let off = 1; off < 4; off += 1) {
            venue.depth(SYMBOL, 'buy', ticks(100 - off), lots(5));
            venue.depth(SYMBOL, 'sell', ticks(100 + off), lots(5));
          }
          venue.depthEnd(SYMBOL, T0);
        }
      }
      expect(whole.venue.quietTrades(SYMBOL, given, 0, 5, Number.POSITIVE_INFINITY)).toBe(5);
      for (let row = 0; row < 5; row += 1) {
        const aggressor = [undefined, 'buy' as const, 'sell' as const].at(side?.[row] ?? 0);
        const [price, size, at] = [given.price[row], given.size[row], given.at[row]] as [number, number, number];
        single.venue.trade(SYMBOL, ticks(price), lots(size), at, aggressor);
      }
      expect(seen(whole)).toEqual(seen(single));
      expect(seen(whole)).not.toMatchObject({ left: [99, kind === 'quote' ? 10 : 5, 101, kind === 'quote' ? 10 : 5] });
    }
  });

  it('are most of them where nothing is open', () => {
    const rows = rowsOf(Array.from({ length: 100 }, (_, i) => [i, 100 + (i % 7), 5]));
    expect(play(opened(), rows, 0, 100)).toBe(99);
  });

  it('end before the given instant, and before one that is earlier than what has been', () => {
    const world = opened();
    const rows = rowsOf([
      [0, 100, 1],
      [5, 101, 1],
      [9, 102, 1],
      [10, 103, 1],
      [4, 104, 1],
    ]);
    one(world, rows, 0);
    expect(world.venue.quietTrades(SYMBOL, rows, 1, 5, T0 + 10)).toBe(3);
    expect(world.venue.quietTrades(SYMBOL, rows, 3, 5, Number.POSITIVE_INFINITY)).toBe(4);
  });

  it('are none while an order is open, somebody listens, or the exchange keeps its state', () => {
    const rows = rowsOf([
      [1, 100, 1],
      [2, 100, 1],
    ]);
    const next = (world: SimulatedWorld): number =>
      world.venue.quietTrades(SYMBOL, rows, 0, 2, Number.POSITIVE_INFINITY);
    const traded = (world: SimulatedWorld): SimulatedWorld => {
      world.trade(100, 1);
      return world;
    };
    const [open, watched, kept] = [
      traded(opened()),
      traded(opened()),
      traded(new SimulatedWorld({}, {}, new MemoryExchangeStore())),
    ];
    open.limit('buy', 1, 90);
    watched.venue.watch('trades', SYMBOL, () => undefined);
    expect([open, watched, kept, traded(opened())].map(next)).toEqual([0, 0, 0, 2]);
  });
});
