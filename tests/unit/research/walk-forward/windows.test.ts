import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { indexAt, shareColumns, sliceColumns } from '#src/research/sweep/shared-columns.js';
import { windowsOf } from '#src/research/walk-forward/windows.js';
import { columns, MINUTE } from '../../backtest/fake-house.js';

const bars = (count: number): ReturnType<typeof columns> =>
  columns(Array.from({ length: count }, (_, index) => 100 + index));

describe('windows', () => {
  it('roll: each training as long as the first, each test after it by purge and embargo', () => {
    const windows = windowsOf(bars(100), { mode: 'rolling', train: 40, test: 20, purge: 3, embargo: 2 });
    expect(
      windows.map(({ train, test }) => [train.from / MINUTE, train.to / MINUTE, test.from / MINUTE, test.to / MINUTE]),
    ).toEqual([
      [0, 40, 45, 65],
      [20, 60, 65, 85],
      [40, 80, 85, 100],
    ]);
    expect(windows.map(({ test }) => test.bars)).toEqual([20, 20, 15]);
  });

  it('are anchored at the first bar when asked', () => {
    const windows = windowsOf(bars(100), { mode: 'anchored', train: 40, test: 20, purge: 5 });
    expect(windows.map(({ train }) => [train.from / MINUTE, train.bars])).toEqual([
      [0, 40],
      [0, 60],
      [0, 80],
    ]);
  });

  it('never show a training a bar of its test or of the gap before it, with holes in the data too', () => {
    const plan = fc.record({
      train: fc.integer({ min: 1, max: 60 }),
      test: fc.integer({ min: 1, max: 30 }),
      purge: fc.nat(10),
      embargo: fc.nat(10),
      mode: fc.constantFrom('rolling' as const, 'anchored' as const),
      more: fc.nat(10),
    });
    fc.assert(
      fc.property(
        plan,
        fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 120, maxLength: 160 }),
        ({ more, ...rest }, steps) => {
          let at = 0;
          const data = columns(
            steps.map(() => 1),
            steps.map((step) => (at += step * MINUTE)),
          );
          let before = -1;
          for (const { train, test } of windowsOf(data, { ...rest, step: rest.test + more })) {
            const trained = sliceColumns(data, train.from, train.to);
            const tested = sliceColumns(data, test.from, test.to);
            expect([trained.length, tested.length]).toEqual([train.bars, test.bars]);
            const first = indexAt(data, test.from);
            // The last bar of the training is at least the gap before the first of the test, counted in bars.
            expect(first - indexAt(data, trained.openAt[trained.length - 1]!) - 1).toBe(rest.purge + rest.embargo);
            expect(first).toBeGreaterThan(before);
            before = first + test.bars - 1;
          }
        },
      ),
      { numRuns: 100 },
    );
  });

  it.each([
    [{ train: 0, test: 5 }, /train of whole bars from 1, was 0/],
    [{ train: 5, test: 2.5 }, /test of whole bars/],
    [{ train: 5, test: 5, step: 4 }, /must not overlap/],
    [{ train: 5, test: 5, purge: -1 }, /purge of whole bars from 0/],
    [{ train: 98, test: 5 }, /must fit the data: .* need 101 bars, there are 100/],
  ])('refuse %p', (plan, said) => {
    expect(() => windowsOf(bars(100), { mode: 'rolling', ...plan })).toThrow(said);
  });
});

describe('shared columns', () => {
  it('hold the same bars in one block of shared memory, and slices are views of it', () => {
    const own = bars(50);
    const shared = shareColumns(own);
    const slice = sliceColumns(shared, 10 * MINUTE, 20 * MINUTE);
    expect([...shared.close]).toEqual([...own.close]);
    expect(shared.close.buffer).toBeInstanceOf(SharedArrayBuffer);
    expect(slice.close.buffer).toBe(shared.openAt.buffer);
    expect([slice.length, slice.openAt[0], slice.close[9]]).toEqual([10, 10 * MINUTE, 119]);
    shared.close[15] = 7;
    expect(slice.close[5]).toBe(7);
  });
});
