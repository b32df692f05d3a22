import { describe, expect, it } from '@jest/globals';
import { OrderRequest, type Fill, type OrderOptions, type Side } from '#src/domain/order.js';
import { lots, ticks } from '#src/domain/units.js';
import { exampleSwarm } from '../support/example-swarm.js';
import { exitWatch, PositionLives } from '../support/exit-watch.js';
import { FaultyWorld, SYMBOL } from '../support/faulty-world.js';

// `npm run simulate` takes as many seeds as one likes.
describe('the strategies of the pages, over a line that fails', () => {
  it('keep what they have covered, leave a position once, and are still when they are stopped', async () => {
    const figures = await exampleSwarm(3);
    expect(figures.failures).toEqual([]);
    expect(Object.keys(figures.positions)).toHaveLength(3);
    expect(Math.min(...Object.values(figures.positions))).toBeGreaterThan(1);
  }, 240_000);
});

// Who looks and sees nothing proves nothing: each of what is looked for is found where it is.
describe('who looks at exits finds', () => {
  it('targets that close more than there is, once they have stood for longer than a change takes', async () => {
    const world = await new FaultyWorld({ strategy: 'none' }).start();
    const said: string[] = [];
    const look = exitWatch(world, (what) => said.push(what));
    const watch = async (ms: number): Promise<void> => {
      for (const end = world.now + ms; world.now < end; look()) await world.run(250);
    };
    try {
      world.buy(1_000);
      await watch(3_000);
      const { ask, instrument } = world.venue.markets.get(SYMBOL) ?? missing();
      const plain = { instrument, side: 'sell', type: 'limit', timeInForce: 'GTC', postOnly: false } as const;
      const target = (clientId: string): OrderRequest =>
        new OrderRequest({ ...plain, clientId, reduceOnly: true, lots: lots(600), limit: ticks(ask + 3_000) });
      world.venue.submit(target('one'));
      await watch(3_000);
      expect(said).toEqual([]);
      world.venue.submit(target('again'));
      await watch(3_000);
      expect(said.join()).toMatch(/^exits of 1200 lots stand for a position of 1000: one, again$/);
    } finally {
      await world.stop();
    }
  });

  it.each<[string, readonly Row[], RegExp | undefined]>([
    [
      'nothing in an entry and its exit',
      [
        ['a', 'buy', 5, 0],
        ['b', 'sell', 5, 1],
      ],
      undefined,
    ],
    [
      'nothing in a target behind its entry',
      [
        ['a', 'buy', 5, 2],
        ['b', 'sell', 5, 1, 'a'],
      ],
      undefined,
    ],
    [
      'an exit that was sent for the position before',
      [
        ['a', 'buy', 5, 0],
        ['b', 'sell', 5, 2],
        ['c', 'buy', 5, 4],
        ['d', 'sell', 5, 1],
      ],
      /^d, sent at 1, closes the position of 2$/,
    ],
    [
      'a target behind an entry of the position before',
      [
        ['a', 'buy', 5, 0],
        ['b', 'sell', 3, 1, 'a'],
        ['c', 'sell', 2, 2],
        ['d', 'buy', 5, 3],
        ['e', 'sell', 2, 9, 'a'],
      ],
      /^e, sent at 9, closes the position of 3$/,
    ],
    [
      'an exit that turns the position round',
      [
        ['a', 'buy', 5, 0],
        ['b', 'sell', 7, 1],
      ],
      /^b turns the position round$/,
    ],
  ])('%s', (_what, rows, found) => {
    const said: string[] = [];
    const fills = rows.map(([clientId, side, lots], at) => ({ clientId, side, lots, at }) as unknown as Fill);
    const orderOf = (id: string): never => {
      const [, side, , createdAt, after] = rows.find(([of]) => of === id) as Row;
      return {
        createdAt,
        request: { side, instrument: { spec: {} }, reduceOnly: side === 'sell', options: { after } as OrderOptions },
      } as never;
    };
    new PositionLives({ fills }, orderOf, (what) => said.push(what)).look();
    if (found === undefined) expect(said).toEqual([]);
    else expect(said.join()).toMatch(found);
  });
});

type Row = readonly [clientId: string, side: Side, lots: number, createdAt: number, after?: string];

function missing(): never {
  throw new Error('The market must be there.');
}
