import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { lots, ticks } from '#src/domain/units.js';
import type { ExchangeStore } from '#src/ports/core-services/simulated-exchange.js';
import { MemoryExchangeStore, SimulatedWorld, T0 } from '../simulated-world.js';

type Level = readonly [side: 'buy' | 'sell', price: number, size: number];

class DepthWorld extends SimulatedWorld {
  constructor(store?: ExchangeStore) {
    super({}, {}, store);
  }

  message(levels: readonly Level[], at: number, snapshot = false): void {
    const { venue } = this;
    venue.depthBegin('BTC-PERP', snapshot);
    for (const [side, price, size] of levels) venue.depth('BTC-PERP', side, ticks(price), lots(size));
    venue.depthEnd('BTC-PERP', at);
  }

  get quoted(): boolean | undefined {
    return this.venue.markets.get('BTC-PERP')?.quoted;
  }
}

const BOOK: readonly Level[] = [
  ['buy', 99, 10],
  ['buy', 98, 20],
  ['sell', 101, 5],
  ['sell', 102, 6],
];

describe('changes of depth that no snapshot began', () => {
  it('make no book: nothing is quoted, an order waits for a trade, and none meets the levels that changed', () => {
    const world = new DepthWorld();
    world.trade(100, 1);
    world.message(BOOK, T0 + 1);
    expect([world.quoted, world.venue.midOf('BTC-PERP')]).toEqual([false, undefined]);
    world.submit('buy', 3);
    world.limit('buy', 4, 101);
    world.message([['sell', 100, 50]], T0 + 2);
    expect([world.fills, world.reports]).toEqual([[], ['c1 open', 'c2 open']]);
    world.trade(100, 9, T0 + 3);
    expect(world.fills).toEqual(['buy 3@100 taker', 'buy 4@100 taker']);
  });

  it('end a quote of before, and are believed from the first snapshot on', () => {
    const world = new DepthWorld();
    world.quote(95, 50, 105, 50);
    world.message(BOOK, T0 + 1);
    expect(world.quoted).toBe(false);
    world.message(BOOK, T0 + 2, true);
    world.message([['sell', 101, 2]], T0 + 3);
    world.submit('buy', 3);
    expect(world.fills).toEqual(['buy 2@101 taker', 'buy 1@102 taker']);
  });
});

describe('depth across a restart', () => {
  /** A bid of ours of 5 behind 10 others at 99, and the process begins anew. */
  const restarted = (): DepthWorld => {
    const store = new MemoryExchangeStore();
    const before = new DepthWorld(store);
    before.message(BOOK, T0, true);
    before.limit('buy', 5, 99);
    before.venue.flush();
    return new DepthWorld(store);
  };

  it('quotes nothing until the next snapshot, and refuses changes alone', () => {
    const world = restarted();
    expect(world.quoted).toBe(false);
    world.message([['sell', 99, 50]], T0 + 1);
    expect([world.quoted, world.fills]).toEqual([false, []]);
  });

  it('fills no order by a queue that it does not know, but by a trade through its price', () => {
    const world = restarted();
    world.trade(99, 1_000, T0 + 1);
    expect(world.fills).toEqual([]);
    world.trade(98, 2, T0 + 2);
    expect(world.fills).toEqual(['buy 2@99 maker']);
  });

  it('knows from the next snapshot on that no more stands before an order than before, nor than the level shows', () => {
    const [same, shorter] = [restarted(), restarted()];
    same.message(
      [
        ['buy', 99, 40],
        ['sell', 101, 5],
      ],
      T0 + 1,
      true,
    );
    same.trade(99, 12, T0 + 2);
    expect(same.fills).toEqual(['buy 2@99 maker']);
    shorter.message(
      [
        ['buy', 99, 4],
        ['sell', 101, 5],
      ],
      T0 + 1,
      true,
    );
    shorter.trade(99, 7, T0 + 2);
    expect(shorter.fills).toEqual(['buy 3@99 maker']);
  });
});
