import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { lots, ticks } from '#src/domain/units.js';
import { orderBookOf, quoteOf, snapshotOf } from '#src/venues/simulated/brokerage/market-views.js';
import { SimulatedWorld, T0, verdict } from '../simulated-world.js';

type Level = readonly [side: 'buy' | 'sell', price: number, size: number];

class DepthWorld extends SimulatedWorld {
  message(levels: readonly Level[], at = T0, snapshot = false): void {
    const { venue } = this;
    venue.depthBegin('BTC-PERP', snapshot);
    for (const [side, price, size] of levels) venue.depth('BTC-PERP', side, ticks(price), lots(size));
    venue.depthEnd('BTC-PERP', at);
  }

  get market(): NonNullable<ReturnType<SimulatedWorld['venue']['markets']['get']>> {
    return this.venue.markets.get('BTC-PERP') as NonNullable<ReturnType<SimulatedWorld['venue']['markets']['get']>>;
  }
}

const BOOK: readonly Level[] = [
  ['buy', 99, 10],
  ['buy', 98, 20],
  ['buy', 95, 30],
  ['sell', 101, 5],
  ['sell', 102, 6],
  ['sell', 105, 7],
];
const opened = (): DepthWorld => {
  const world = new DepthWorld();
  world.message(BOOK, T0, true);
  return world;
};

describe('matching against depth', () => {
  it('walks the book level by level, one fill a level, and ends what no level is left for', () => {
    const world = opened();
    world.submit('buy', 14);
    expect(world.fills).toEqual(['buy 5@101 taker', 'buy 6@102 taker', 'buy 3@105 taker']);
    world.submit('buy', 9);
    expect(world.fills.at(-1)).toBe('buy 4@105 taker');
    expect(world.reports.at(-1)).toBe('c2 expired');
  });

  it('stops at the limit and lets the rest stand there, before anybody', () => {
    const world = opened();
    world.limit('buy', 12, 103);
    expect(world.fills).toEqual(['buy 5@101 taker', 'buy 6@102 taker']);
    world.trade(103, 1, T0 + 1);
    expect(world.fills.at(-1)).toBe('buy 1@103 maker');
  });

  it('keeps consumed depth consumed until the data names the level again', () => {
    const world = opened();
    world.submit('buy', 8);
    world.message([['buy', 97, 1]], T0 + 1);
    world.submit('buy', 3);
    expect(world.fills.slice(2)).toEqual(['buy 3@102 taker']);
    world.message([['sell', 101, 5]], T0 + 2);
    world.submit('buy', 2);
    expect(world.fills.at(-1)).toBe('buy 2@101 taker');
  });

  it('fills a resting order at its own price when the other side comes to it, and takes that from the book', () => {
    const world = opened();
    world.limit('buy', 10, 100);
    world.message(
      [
        ['sell', 100, 4],
        ['sell', 99, 3],
      ],
      T0 + 1,
    );
    expect(world.fills).toEqual(['buy 7@100 maker']);
    world.submit('buy', 1);
    expect(world.fills.at(-1)).toBe('buy 1@101 taker');
  });

  it('matches nothing between the beginning and the end of a message', () => {
    const world = opened();
    world.limit('buy', 5, 100);
    world.venue.depthBegin('BTC-PERP', false);
    world.venue.depth('BTC-PERP', 'sell', ticks(100), lots(9));
    world.venue.depth('BTC-PERP', 'sell', ticks(100), lots(0));
    world.venue.depthEnd('BTC-PERP', T0 + 1);
    expect(world.fills).toEqual([]);
  });

  it('begins anew with a snapshot, and fills or refuses fill-or-kill by the whole book', () => {
    const world = opened();
    expect(verdict(world.limit('buy', 12, 102, { timeInForce: 'FOK' }))).toBe('not_fillable');
    expect(verdict(world.limit('buy', 11, 102, { timeInForce: 'FOK' }))).toBe('accepted');
    world.message(
      [
        ['buy', 90, 1],
        ['sell', 110, 1],
      ],
      T0 + 1,
      true,
    );
    world.submit('buy', 1);
    expect(world.fills.at(-1)).toBe('buy 1@110 taker');
  });

  it('takes nothing from a side that nobody stands on', () => {
    const world = new DepthWorld();
    world.message(
      [
        ['buy', 99, 5],
        ['sell', 101, 5],
      ],
      T0,
      true,
    );
    world.message([['sell', 101, 0]], T0 + 1);
    world.submit('buy', 1);
    expect(world.fills).toEqual([]);
    expect(world.reports.at(-1)).toBe('c1 expired');
    expect(quoteOf(world.market).ask).toBeUndefined();
    expect(quoteOf(world.market).bid?.toString()).toBe('99');
    expect(() => snapshotOf(world.market)).toThrow('one side only');
  });

  it('marks the middle of the book where the data has no marks of its own, and shows every level that is asked for', () => {
    const world = opened();
    expect(world.venue.midOf('BTC-PERP')).toBe(100 * world.instrument.marksPerTick);
    expect(world.venue.markOf('BTC-PERP')).toBe(100 * world.instrument.marksPerTick);
    const { bids, asks } = orderBookOf(world.market, 2);
    expect(bids.map(({ price, size }) => `${size.toString()}@${price.toString()}`)).toEqual(['0.01@99', '0.02@98']);
    expect(asks.map(({ price, size }) => `${size.toString()}@${price.toString()}`)).toEqual(['0.005@101', '0.006@102']);
    expect(snapshotOf(world.market).depthL10.gt(snapshotOf(world.market).depthL1)).toBe(true);
  });

  it('does not look at quotes of an instrument whose depth it is told', () => {
    const world = opened();
    world.quote(90, 50, 91, 50, T0 + 1);
    world.submit('buy', 1);
    expect(world.fills).toEqual(['buy 1@101 taker']);
  });
});
