import { describe, expect, it } from '@jest/globals';
import { drawdownSpells, underwater } from '#src/research/statistics/drawdowns.js';
import {
  calmar,
  downsideDeviation,
  kellyFraction,
  kellyOfBets,
  sortino,
  tailRatio,
  ulcerIndex,
} from '#src/research/statistics/ratios.js';
import { betaOf, rolling } from '#src/research/statistics/rolling.js';
import { streaksOf } from '#src/research/statistics/streaks.js';
import { cornishFisher, tailRisk } from '#src/research/statistics/value-at-risk.js';

describe('ratios', () => {
  // T. N. Rollinger and S. T. Hoffman, "Sortino: a 'sharper' ratio", Red Rock Capital 2013: eight yearly returns,
  // target 0.
  it('gives the Sortino ratio of the worked example by Rollinger and Hoffman (Red Rock Capital, 2013): 4.417', () => {
    const returns = [0.17, 0.15, 0.23, -0.05, 0.12, 0.09, 0.13, -0.04];
    expect(downsideDeviation(returns)).toBeCloseTo(0.02264, 5);
    expect(sortino(returns)).toBeCloseTo(4.417, 3);
    // By hand: the mean is 0.1, and two of eight returns lie below the target.
    expect(sortino(returns)).toBeCloseTo(0.1 / Math.sqrt((0.05 ** 2 + 0.04 ** 2) / 8), 12);
    expect(sortino([0.1, 0.2])).toBeUndefined();
  });

  it('gives growth a year over the largest drawdown, and nothing without one', () => {
    expect(calmar(1.21, 2, 0.05)).toBeCloseTo(2, 12);
    expect(calmar(1.21, 2, 0)).toBeUndefined();
    expect(calmar(-0.1, 2, 1)).toBeUndefined();
  });

  it('compares the tails at the 95th and the 5th percentile', () => {
    const returns = Array.from({ length: 101 }, (_unused, index) =>
      index < 50 ? (index - 50) / 50 : (index - 50) / 25,
    );
    expect(tailRatio(returns)).toBeCloseTo(2, 10);
    expect(tailRatio([0.1, 0.2])).toBeUndefined();
  });

  it('gives the ulcer index as the root of the mean squared drawdown', () => {
    expect(ulcerIndex([100, 90, 100, 80])).toBeCloseTo(Math.sqrt((0.01 + 0.04) / 4), 12);
    expect(ulcerIndex([1, 2, 3])).toBe(0);
  });

  it('bets what Kelly bets: 0.06 of the bankroll on a coin of 0.53 at even money (Thorp 2006, section 2)', () => {
    expect(kellyOfBets(0.53, 1)).toBeCloseTo(0.06, 12);
    expect(kellyFraction([0.1, -0.05, 0.1, -0.05])).toBeCloseTo((0.025 / (4 * 0.075 ** 2)) * 3, 10);
    expect(kellyFraction([-0.1, 0.05])).toBeLessThan(0);
    expect(kellyFraction([1, 1])).toBeUndefined();
  });
});

describe('value at risk and expected shortfall', () => {
  const hundred = Array.from({ length: 101 }, (_unused, index) => (index - 50) / 1_000);

  it('takes the empirical quantile and the mean beyond it', () => {
    expect(tailRisk(hundred, 0.95, 'historical')).toEqual({
      method: 'historical',
      confidence: 0.95,
      valueAtRisk: expect.closeTo(0.045, 12),
      expectedShortfall: expect.closeTo((50 + 49 + 48 + 47 + 46 + 45) / 6_000, 12),
    });
  });

  it('takes the quantile and the mean of the tail for normal returns, as integrating the density gives them', () => {
    const unit = tailRisk([-1, 1], 0.95, 'normal');
    expect((unit?.valueAtRisk ?? 0) / Math.SQRT2).toBeCloseTo(1.6449, 4);
    // Another route than the closed form: 5 % of the probability, and its first moment, added up from far below.
    let [probability, moment, x] = [0, 0, -12];
    for (const width = 1e-5; probability < 0.05; x += width) {
      const slice = (Math.exp(-0.5 * (x + width / 2) ** 2) / Math.sqrt(2 * Math.PI)) * width;
      probability += slice;
      moment += slice * (x + width / 2);
    }
    expect((unit?.valueAtRisk ?? 0) / Math.SQRT2).toBeCloseTo(-x, 4);
    expect((unit?.expectedShortfall ?? 0) / Math.SQRT2).toBeCloseTo(-moment / probability, 4);
  });

  it('is the normal one where skewness and excess kurtosis are zero, and larger with a fat left tail', () => {
    expect(cornishFisher(-1.645, 0, 0)).toBe(-1.645);
    expect(cornishFisher(-2.33, -1, 3)).toBeCloseTo(
      -2.33 - (2.33 ** 2 - 1) / 6 + ((-(2.33 ** 3) + 3 * 2.33) * 3) / 24 - (-2 * 2.33 ** 3 + 5 * 2.33) / 36,
      10,
    );
    const skewed = [...Array.from({ length: 40 }, (_unused, index) => 0.01 + index / 10_000), -0.2, -0.1];
    const modified = tailRisk(skewed, 0.99, 'cornish-fisher');
    const plain = tailRisk(skewed, 0.99, 'normal');
    expect(modified?.valueAtRisk).toBeGreaterThan(plain?.valueAtRisk ?? Infinity);
  });

  it('loses at least the value at risk where it loses beyond it', () => {
    for (const confidence of [0.95, 0.99]) {
      for (const method of ['historical', 'normal'] as const) {
        const risk = tailRisk(hundred, confidence, method);
        expect(risk?.expectedShortfall).toBeGreaterThanOrEqual(risk?.valueAtRisk ?? Infinity);
      }
    }
    expect(tailRisk([0.1], 0.95, 'historical')).toBeUndefined();
  });
});

describe('drawdowns', () => {
  const points = (closes: readonly number[]): { at: number; low: number; high: number; close: number }[] =>
    closes.map((close, at) => ({ at: at + 1, low: close, high: close, close }));

  it('lists every fall with start, trough and recovery, deepest first, and the open one without recovery', () => {
    expect(drawdownSpells(points([110, 99, 111, 100, 80, 120, 114]), 100, 0)).toEqual([
      { from: 3, troughAt: 5, recoveredAt: 6, depth: expect.closeTo(1 - 80 / 111, 12) },
      { from: 1, troughAt: 2, recoveredAt: 3, depth: expect.closeTo(0.1, 12) },
      { from: 6, troughAt: 7, recoveredAt: undefined, depth: expect.closeTo(0.05, 12) },
    ]);
  });

  it('sees the low inside a sample, not its close alone', () => {
    expect(drawdownSpells([{ at: 1, low: 50, high: 100, close: 100 }], 100, 0)).toEqual([
      { from: 0, troughAt: 1, recoveredAt: 1, depth: 0.5 },
    ]);
    expect(drawdownSpells(points([100, 101, 102]), 100, 0)).toEqual([]);
  });

  it('is under water by the distance to the running peak', () => {
    expect(underwater([100, 110, 99, 121], 100)).toEqual([0, 0, expect.closeTo(-0.1, 12), 0]);
  });
});

describe('rolling figures', () => {
  it('are undefined until the window is full and those of the window afterwards', () => {
    const returns = [0.01, 0.03, -0.01, 0.05];
    const market = [0.02, 0.06, -0.02, 0.1];
    const { sharpe, volatility, beta } = rolling(returns, market, 2, 365);
    expect(sharpe[0]).toBeUndefined();
    expect(volatility[1]).toBeCloseTo(Math.sqrt(0.0002) * Math.sqrt(365), 12);
    expect(sharpe[1]).toBeCloseTo((0.02 / Math.sqrt(0.0002)) * Math.sqrt(365), 10);
    expect(beta.slice(1)).toEqual([expect.closeTo(0.5, 12), expect.closeTo(0.5, 12), expect.closeTo(0.5, 12)]);
    expect(betaOf(returns, market)).toBeCloseTo(0.5, 12);
    expect(rolling([0.1, 0.1], [0, 0], 2, 365)).toMatchObject({
      sharpe: [undefined, undefined],
      beta: [undefined, undefined],
    });
    expect(betaOf([0.1, 0.2], [0, 0])).toBeUndefined();
  });
});

describe('streaks', () => {
  it('counts wins and losses in a row; a zero belongs to neither', () => {
    expect(streaksOf([1, 2, -1, -1, -1, 0, -1, 3])).toEqual({ longestWins: 2, longestLosses: 3, current: 1, runs: 4 });
    expect(streaksOf([])).toEqual({ longestWins: 0, longestLosses: 0, current: 0, runs: 0 });
  });
});
