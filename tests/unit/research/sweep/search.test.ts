import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { SeededRandom } from '#src/platform/seeded-random.js';
import type { Judgement } from '#src/research/sweep/objective.js';
import type { Search } from '#src/research/sweep/search.js';
import { searchFor } from '#src/research/sweep/searches.js';
import { Space, type Point } from '#src/research/sweep/space.js';

const stream = (seed: number): ReturnType<SeededRandom['stream']> => new SeededRandom().stream('search', seed);
const ranked = (score: number): Judgement => ({ standing: 'ranked', score });

/** Walks a search to its end; the points in the order in which they were asked, and the best. */
function walk(search: Search, space: Space, score: (point: Point) => number): { asked: number[]; best: number } {
  const asked: number[] = [];
  let best = -Infinity;
  for (let points = search.ask(); points.length > 0; points = search.ask()) {
    for (const point of points) {
      asked.push(space.numberOf(point));
      best = Math.max(best, score(point));
    }
    search.tell(points.map((point) => ({ point, judgement: ranked(score(point)) })));
  }
  return { asked, best };
}

describe('a space', () => {
  it('reads ranges with a step, by ones, lists and single values, exactly', () => {
    const space = Space.of({ a: '5..50:15', b: '1..3', c: '0.1..0.4:0.1', d: 'x, y', e: '7', f: '-2..0' });
    expect(space.dimensions.map(({ values }) => values)).toEqual([
      ['5', '20', '35', '50'],
      ['1', '2', '3'],
      ['0.1', '0.2', '0.3', '0.4'],
      ['x', 'y'],
      ['7'],
      ['-2', '-1', '0'],
    ]);
    expect(space.size).toBe(4 * 3 * 4 * 2 * 3);
    expect(space.parametersAt([1, 0, 2, 1, 0, 2])).toEqual({ a: '20', b: '1', c: '0.3', d: 'y', e: '7', f: '0' });
  });

  it('numbers its points, each once', () => {
    const space = Space.of({ a: '1..4', b: '1..5', c: '1..3' });
    const numbers = Array.from({ length: space.size }, (_, number) => space.numberOf(space.pointAt(number)));
    expect(numbers).toEqual(Array.from({ length: 60 }, (_, number) => number));
  });

  it.each([['5..1'], ['1..2:0'], ['0.1..0.5'], ['a,,b'], ['a,a'], [''], ['0..10000000']])('refuses %s', (text) => {
    expect(() => Space.of({ shortMa: text })).toThrow(/--param shortMa must have/);
  });
});

describe('a grid search', () => {
  it('asks for every point once', () => {
    const space = Space.of({ a: '1..20', b: '1..10' });
    const { asked } = walk(searchFor('grid', space, 200, stream(1)), space, () => 0);
    expect(asked).toEqual(Array.from({ length: 200 }, (_, number) => number));
  });
});

describe('a random search', () => {
  it('draws without replacement, as many as were asked for', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 300 }),
        fc.nat(1000),
        (a, b, trials, seed) => {
          const space = Space.of({ a: `1..${a}`, b: `1..${b}` });
          const { asked } = walk(searchFor('random', space, trials, stream(seed)), space, () => 0);
          expect(asked.length).toBe(Math.min(trials, space.size));
          expect(new Set(asked).size).toBe(asked.length);
          expect(asked.every((number) => number >= 0 && number < space.size)).toBe(true);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('draws every point as often as any other', () => {
    const space = Space.of({ a: '1..6' });
    const counts = new Array<number>(6).fill(0);
    for (let seed = 0; seed < 3_000; seed += 1)
      for (const number of walk(searchFor('random', space, 2, stream(seed)), space, () => 0).asked)
        counts[number]! += 1;
    // 1,000 each, deviation 26 (binomial, 3,000 draws of 2 of 6 with variance 3,000·1/3·2/3).
    for (const count of counts) expect(Math.abs(count - 1_000)).toBeLessThan(130);
  });

  it('follows its seed', () => {
    const space = Space.of({ a: '1..100', b: '1..100' });
    const of = (seed: number): number[] => walk(searchFor('random', space, 50, stream(seed)), space, () => 0).asked;
    expect(of(1)).toEqual(of(1));
    expect(of(1)).not.toEqual(of(2));
  });
});

describe('a search by evolution', () => {
  const space = Space.of({ a: '0..200', b: '0..200', c: '0..200' });
  /** Rastrigin's function around (140, 60, 100), a standard test with many local optima; its maximum is 0. */
  const rastrigin = (point: Point): number =>
    -point.reduce((sum, index, axis) => sum + wave((index - [140, 60, 100][axis]!) / 20), 0);
  const wave = (x: number): number => x * x - 10 * Math.cos(2 * Math.PI * x) + 10;

  it('finds better points than chance does with as many trials', () => {
    let won = 0;
    for (let seed = 0; seed < 20; seed += 1) {
      const evolved = walk(searchFor('evolution', space, 600, stream(seed)), space, rastrigin).best;
      const drawn = walk(searchFor('random', space, 600, stream(seed)), space, rastrigin).best;
      if (evolved > drawn) won += 1;
    }
    expect(won).toBeGreaterThanOrEqual(17);
  });

  it('finds the top of a single hill exactly', () => {
    const hill = (point: Point): number =>
      -point.reduce((sum, index, axis) => sum + (index - [17, 180, 99][axis]!) ** 2, 0);
    for (let seed = 0; seed < 5; seed += 1)
      expect(walk(searchFor('evolution', space, 4_000, stream(seed)), space, hill).best).toBeCloseTo(0, 12);
  });

  it('tries no more different points than it was given, and ends', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 1, max: 200 }),
        fc.nat(1000),
        (a, b, trials, seed) => {
          const small = Space.of({ a: `1..${a}`, b: `1..${b}` });
          const { asked } = walk(searchFor('evolution', small, trials, stream(seed)), small, ([x = 0, y = 0]) => x - y);
          expect(new Set(asked).size).toBeLessThanOrEqual(Math.min(trials, small.size));
          expect(asked.length).toBeGreaterThan(0);
        },
      ),
      { numRuns: 100 },
    );
  });

  it('asks the same of the same seed and scores, and something else of others', () => {
    const of = (seed: number): number[] =>
      walk(searchFor('evolution', space, 300, stream(seed)), space, rastrigin).asked;
    expect(of(3)).toEqual(of(3));
    expect(of(3)).not.toEqual(of(4));
  });

  it('is led away from trials that failed', () => {
    // Everything below 100 on the first axis fails, whatever its score.
    const search = searchFor('evolution', space, 2_000, stream(1));
    let last: readonly Point[] = [];
    for (let points = search.ask(); points.length > 0; points = search.ask()) {
      last = points;
      search.tell(
        points.map((point) => ({
          point,
          judgement: point[0]! < 100 ? { standing: 'failed', score: undefined } : ranked(-point[0]!),
        })),
      );
    }
    expect(last.filter(([a]) => a! >= 100 && a! < 110).length).toBeGreaterThan(last.length * 0.6);
  });
});
