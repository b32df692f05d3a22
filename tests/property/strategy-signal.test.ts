import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Decimal } from '#src/domain/decimal.js';
import { marks } from '#src/domain/units.js';
import { MovingAverageCross, type Trend } from '#src/services/strategy/built-in/moving-average-cross.js';
import { instrument } from '#src/testing/instruments.js';
import { ListSeries } from '../support/strategy-parts.js';

interface Windows {
  readonly shortMa: number;
  readonly longMa: number;
  readonly epsilonBps: number;
  readonly confirm: number;
}

const windows = fc
  .record({
    shortMa: fc.integer({ min: 1, max: 4 }),
    gap: fc.integer({ min: 1, max: 5 }),
    epsilonBps: fc.constantFrom(0, 0, 5, 7, 50, 1000),
    confirm: fc.integer({ min: 0, max: 3 }),
  })
  .map(({ shortMa, gap, epsilonBps, confirm }): Windows => ({ shortMa, longMa: shortMa + gap, epsilonBps, confirm }));

/** A few levels, so that equal means and exact touches are common. */
const values = fc.array(
  fc.oneof(
    fc.integer({ min: 1, max: 6 }).map((n) => n * 1_000),
    fc.integer({ min: 990, max: 1_010 }),
  ),
  { minLength: 10, maxLength: 60, size: 'max' },
);

/** Mean difference of the windows that end at `end`, times both window lengths, in whole numbers. */
function difference(prices: readonly number[], end: number, { shortMa, longMa }: Windows): bigint {
  const sum = (size: number): bigint =>
    prices.slice(end - size + 1, end + 1).reduce((total, price) => total + BigInt(price), 0n);
  return sum(shortMa) * BigInt(longMa) - sum(longMa) * BigInt(shortMa);
}

/** The side of d at one value, and whether it was crossed to on it: in exact fractions, from the definition alone. */
function sideAt(prices: readonly number[], at: number, to: Windows): { crossed: Trend; beyond: Trend } {
  const scale = BigInt(to.shortMa * to.longMa);
  const band = BigInt(prices[at] ?? 0) * BigInt(to.epsilonBps) * scale;
  const now = difference(prices, at, to) * 10_000n;
  const before = difference(prices, at - 1, to) * 10_000n;
  const beyond: Trend = now > band ? 1 : now < -band ? -1 : 0;
  const crossed: Trend = beyond > 0 && before <= band ? 1 : beyond < 0 && before >= -band ? -1 : 0;
  return { crossed, beyond };
}

function naiveSignal(prices: readonly number[], to: Windows): Trend {
  const newest = prices.length - 1;
  if (prices.length < to.longMa + to.confirm + 1) return 0;
  const { crossed } = sideAt(prices, newest - to.confirm, to);
  for (let at = newest - to.confirm + 1; at <= newest; at += 1) {
    const side = sideAt(prices, at, to);
    if (side.beyond !== crossed || side.crossed !== 0) return 0;
  }
  return crossed;
}

const cross = ({ shortMa, longMa, epsilonBps, confirm }: Windows): MovingAverageCross =>
  new MovingAverageCross({ shortMa, longMa, crossEpsilonBps: new Decimal(epsilonBps), crossConfirmBars: confirm });

describe('MovingAverageCross against its definition', () => {
  it('signals exactly what a recomputation in whole numbers signals, whatever values it was not shown', () => {
    let signals = 0;
    fc.assert(
      fc.property(
        windows,
        values,
        fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 60, size: 'max' }),
        (to, prices, shown) => {
          const series = new ListSeries(instrument());
          const running = cross(to);
          prices.forEach((price, i) => {
            series.push(marks(price));
            if (shown[i] === 0) return;
            running.update(series);
            const expected = naiveSignal(prices.slice(0, i + 1), to);
            expect(running.signal).toBe(expected);
            if (expected !== 0) signals += 1;
          });
        },
      ),
      { numRuns: 300 },
    );
    expect(signals).toBeGreaterThan(50);
  });

  it('depends on the newest values alone: a fresh one agrees with one that ran along', () => {
    fc.assert(
      fc.property(windows, values, (to, prices) => {
        const series = new ListSeries(instrument());
        const running = cross(to);
        for (const price of prices) {
          series.push(marks(price));
          running.update(series);
          const fresh = cross(to);
          fresh.update(series);
          expect([running.signal, running.crossed, running.ready]).toEqual([fresh.signal, fresh.crossed, fresh.ready]);
        }
      }),
      { numRuns: 100 },
    );
  });
});
