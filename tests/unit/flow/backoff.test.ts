import fc from 'fast-check';
import { describe, expect, it } from '@jest/globals';
import { backoffMs } from '#src/flow/backoff.js';

const draws = (value: number) => ({ next: () => value, normal: () => 0, state: () => [], restore: () => undefined });

describe('backoffMs', () => {
  it('takes off a random half at most', () => {
    expect(backoffMs(1, 100, 5_000, draws(0))).toBe(100);
    expect(backoffMs(3, 100, 5_000, draws(0.5))).toBe(300);
    expect(backoffMs(9, 100, 5_000, draws(0.999_999))).toBe(2_500);
  });

  it('is the doubled minimum up to the cap, whole, where nothing is drawn', () => {
    expect([1, 2, 3, 4, 5, 6].map((attempt) => backoffMs(attempt, 1_000, 15_000))).toEqual([
      1_000, 2_000, 4_000, 8_000, 15_000, 15_000,
    ]);
    expect(backoffMs(1e9, 1_000, 60_000)).toBe(60_000);
  });

  it('is always a timer the scheduler accepts: positive, finite, at most the cap', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1e9 }),
        fc.integer({ min: 0, max: 1e6 }),
        fc.integer({ min: 1, max: 1e7 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (attempt, min, max, draw) => {
          const pause = backoffMs(attempt, min, max, draws(draw));
          expect(Number.isSafeInteger(pause) && pause >= 1 && pause <= max).toBe(true);
        },
      ),
    );
  });
});
