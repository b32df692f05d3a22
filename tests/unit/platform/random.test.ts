import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { SeededRandom } from '#src/platform/seeded-random.js';

const random = new SeededRandom();
const take = (count: number, next: () => number): number[] => Array.from({ length: count }, next);

describe('random streams', () => {
  it('give the same numbers for the same name and seed, on every machine', () => {
    const stream = random.stream('quotes', 7);
    expect(take(4, () => stream.next())).toEqual(PINNED.uniform);
    expect(take(4, () => stream.normal())).toEqual(PINNED.normal);
  });

  it('are independent for another name or another seed', () => {
    const first = take(5, bindNext('quotes', 7));
    expect(take(5, bindNext('quotes', 8))).not.toEqual(first);
    expect(take(5, bindNext('latency', 7))).not.toEqual(first);
    const [a, b] = [random.stream('quotes', 7), random.stream('latency', 7)];
    expect(take(5, () => (b.next(), a.next()))).toEqual(first);
  });

  it('are uniform in [0, 1)', () => {
    const stream = random.stream('uniform', 1);
    const values = take(20_000, () => stream.next());
    expect(values.every((value) => value >= 0 && value < 1)).toBe(true);
    const counts = new Array<number>(20).fill(0);
    for (const value of values) counts[Math.floor(value * 20)]! += 1;
    // Chi-squared with 19 degrees of freedom: 43.8 is exceeded once in a thousand seeds; this seed is fixed.
    expect(counts.reduce((sum, count) => sum + (count - 1_000) ** 2 / 1_000, 0)).toBeLessThan(43.8);
  });

  it('are standard normal where asked', () => {
    const stream = random.stream('normal', 1);
    const values = take(20_000, () => stream.normal());
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    expect(Math.abs(mean)).toBeLessThan(0.03);
    expect(Math.abs(variance - 1)).toBeLessThan(0.04);
    expect(values.filter((value) => Math.abs(value) > 2).length / values.length).toBeCloseTo(0.0455, 2);
  });

  it('resume exactly where they were, between the two numbers of a pair too', () => {
    for (const drawn of [0, 1, 2, 3]) {
      const stream = random.stream('resume', 3);
      take(drawn, () => stream.normal());
      const state = JSON.parse(JSON.stringify(stream.state())) as number[];
      const expected = [stream.normal(), stream.next(), stream.normal(), stream.normal()];
      const other = random.stream('something else', 9);
      other.normal();
      other.restore(state);
      expect([other.normal(), other.next(), other.normal(), other.normal()]).toEqual(expected);
    }
  });

  it('refuse a state that is not theirs', () => {
    const stream = random.stream('quotes', 7);
    for (const state of [
      [],
      [1, 2, 3],
      [1, 2, 3, 4, 5, 6],
      [1, 2, 3, -1],
      [1, 2, 3, 4.5],
      [1, 2, 3, 2 ** 32],
      [1, 2, 3, 4, Number.NaN],
    ]) {
      expect(() => stream.restore(state)).toThrow(expect.objectContaining({ code: 'STORE-001' }));
    }
  });
});

function bindNext(name: string, seed: number): () => number {
  const stream = random.stream(name, seed);
  return () => stream.next();
}

/** First numbers of stream `quotes`, seed 7: a change here changes every recorded simulation. */
const PINNED = {
  uniform: [0.1812235836307886, 0.3400575253996053, 0.7110217760517157, 0.43413196756443495],
  normal: [2.450038226314611, -1.0032887005158089, 0.41078277670578084, -1.4126731837830828],
};
