import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { marks } from '#src/domain/units.js';
import { MarkRing } from '#src/services/market-data/mark-ring.js';
import { BTC, d, Desk, WIDE } from '../unit/risk/harness.js';

const INTERVAL = 60_000;
const WINDOW = 12;
const [WARNING, REDUCE_ONLY, KILL] = [0.15, 0.2, 0.25];

/** The definition, from all values there have been: undefined with too few. */
function deviationPerDay(values: readonly number[]): number | undefined {
  if (values.length < WINDOW) return undefined;
  const newest = values.slice(-WINDOW);
  const returns = newest.slice(1).map((value, i) => value / (newest[i] as number) - 1);
  const mean = returns.reduce((sum, value) => sum + value, 0) / returns.length;
  const squares = returns.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return Math.sqrt(squares / (returns.length - 1)) * Math.sqrt(86_400_000 / INTERVAL);
}

const actionFor = (volatility: number | undefined): string =>
  volatility === undefined || volatility < WARNING
    ? 'none'
    : volatility < REDUCE_ONLY
      ? 'warning'
      : volatility < KILL
        ? 'reduce_only'
        : 'kill_switch';

describe('the volatility breaker', () => {
  it('acts on every value as the deviation demands, whatever it left uncomputed while returns were small', () => {
    // Returns that alternate close to the size at which the window reaches the first threshold are the hardest case.
    const edge = WARNING / Math.sqrt(86_400_000 / INTERVAL);
    const move = fc.oneof(
      { weight: 3, arbitrary: fc.double({ min: 0.85 * edge, max: 1.15 * edge, noNaN: true }) },
      fc.double({ min: -0.001, max: 0.001, noNaN: true }),
      fc.double({ min: -0.02, max: 0.02, noNaN: true }),
    );
    const alternating = fc.array(
      fc.record({ move: fc.double({ min: 0.9 * edge, max: 1.05 * edge, noNaN: true }), looked: fc.constant(1) }),
      { minLength: 30, maxLength: 60 },
    );
    fc.assert(
      fc.property(
        fc.oneof(
          alternating,
          fc.array(fc.record({ move, looked: fc.integer({ min: 0, max: 9 }) }), { minLength: 30, maxLength: 120 }),
        ),
        fc.boolean(),
        (steps, turning) => {
          const desk = new Desk({
            ...WIDE,
            volatility: {
              enabled: true,
              window: WINDOW,
              warning: d(WARNING),
              reduceOnly: d(REDUCE_ONLY),
              kill: d(KILL),
              cooldownMs: 0,
            },
          });
          const series = new MarkRing(BTC, WINDOW, INTERVAL);
          const values: number[] = [];
          let value = 50_000_000;
          steps.forEach(({ move: change, looked }, i) => {
            value = Math.round(value * (1 + (turning && i % 2 === 1 ? -change : change)));
            values.push(value);
            series.push(marks(value), i * INTERVAL);
            // Nobody looks now and then: what lies in the gap is not known to be calm.
            if (looked === 0) return;
            const expected = deviationPerDay(values);
            const outcome = desk.risk.checkVolatility(series, i * INTERVAL);
            expect(outcome.action).toBe(actionFor(expected));
            if (expected === undefined) expect(outcome.volatility).toBeUndefined();
            else expect(outcome.volatility).toBeCloseTo(expected, 9);
          });
        },
      ),
      { numRuns: 150 },
    );
  });
});
