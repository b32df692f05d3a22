import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { momentsOf, quantile, returnsOf, RunningMoments } from '#src/research/statistics/moments.js';
import { SeededRandom } from '#src/platform/seeded-random.js';
import { normalCdf, normalInverse } from '#src/research/statistics/normal.js';
import {
  annualisation,
  confidenceInterval,
  deflatedSharpe,
  expectedMaximumSharpe,
  minimumTrackRecord,
  normalStandardError,
  probabilisticSharpe,
  sharpeSample,
  standardError,
} from '#src/research/statistics/sharpe.js';

const normal = { skewness: 0, kurtosis: 3 };

/**
 * The published figures below were checked by another route than the one under test: this distribution function is
 * Simpson's rule over the density, and its inverse a bisection of it.
 */
function integratedCdf(x: number): number {
  const from = -9;
  const steps = 4_000;
  const width = (x - from) / steps;
  let sum = 0;
  for (let i = 0; i <= steps; i += 1)
    sum += (i === 0 || i === steps ? 1 : i % 2 === 1 ? 4 : 2) * Math.exp(-0.5 * (from + i * width) ** 2);
  return (sum * width) / 3 / Math.sqrt(2 * Math.PI);
}
function bisectedInverse(probability: number): number {
  let [low, high] = [-9, 9];
  for (let i = 0; i < 60; i += 1) {
    const middle = (low + high) / 2;
    if (integratedCdf(middle) < probability) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

describe('the normal distribution', () => {
  it('has the percentage points of Wichura 1988 (AS 241, table of test values)', () => {
    expect(normalInverse(0.25)).toBeCloseTo(-0.6744897501960817, 14);
    expect(normalInverse(0.001)).toBeCloseTo(-3.090232306167814, 13);
    expect(normalInverse(1e-20)).toBeCloseTo(-9.262340089798408, 12);
    expect(normalInverse(0.5)).toBe(0);
    for (const wrong of [0, 1, -1, NaN]) expect(normalInverse(wrong)).toBeNaN();
  });

  it('has the values of the standard tables, far tails included', () => {
    expect(normalCdf(1.959963984540054)).toBeCloseTo(0.975, 14);
    expect(normalCdf(-3)).toBeCloseTo(0.0013498980316300957, 15);
    expect(normalCdf(-8) / 6.22096057427178e-16).toBeCloseTo(1, 7);
    expect(normalCdf(0)).toBeCloseTo(0.5, 15);
    expect([normalCdf(40), normalCdf(-40)]).toEqual([1, 0]);
    expect(normalCdf(NaN)).toBeNaN();
  });

  it('is inverted by its inverse', () => {
    for (const p of [1e-9, 0.01, 0.3, 0.5, 0.8, 0.9999]) expect(normalCdf(normalInverse(p))).toBeCloseTo(p, 13);
  });
});

describe('moments', () => {
  it('are those of the definition, one value at a time', () => {
    // Two fives and a zero-sum pair: mean 5, sum of squares 32, of cubes 42, of fourth powers 356 over eight values.
    const values = [2, 4, 4, 4, 5, 5, 7, 9];
    expect(momentsOf(values)).toEqual({
      count: 8,
      mean: 5,
      deviation: Math.sqrt(32 / 7),
      skewness: expect.closeTo(42 / 8 / 4 ** 1.5, 12),
      kurtosis: expect.closeTo(356 / 8 / 16, 12),
    });
  });

  it('do not lose digits to a large common offset', () => {
    const small = new RunningMoments();
    const large = new RunningMoments();
    for (let i = 0; i < 1_000; i += 1) {
      small.add(Math.sin(i));
      large.add(1e6 + Math.sin(i));
    }
    expect(large.moments().deviation).toBeCloseTo(small.moments().deviation, 8);
    expect(large.moments().kurtosis).toBeCloseTo(small.moments().kurtosis, 6);
  });

  it('say nothing where nothing varies', () => {
    expect(momentsOf([1, 1])).toMatchObject({ deviation: 0, skewness: NaN, kurtosis: NaN });
    expect(momentsOf([])).toMatchObject({ count: 0, mean: NaN, deviation: NaN });
    expect(sharpeSample(momentsOf([1, 1]))).toBeUndefined();
    expect(sharpeSample(momentsOf([1]))).toBeUndefined();
  });

  it('take quantiles between the order statistics (type 7 of Hyndman and Fan)', () => {
    expect(quantile([1, 2, 3, 4], 0.5)).toBe(2.5);
    expect(quantile([1, 2, 3, 4], 1)).toBe(4);
    expect(quantile([10, 20, 30, 40, 50], 0.1)).toBeCloseTo(14, 12);
    expect(quantile([], 0.5)).toBeNaN();
    expect(returnsOf([100, 110, 99])).toEqual([expect.closeTo(0.1, 12), expect.closeTo(-0.1, 12)]);
  });
});

describe('the Sharpe ratio and its error', () => {
  it('has the standard errors of Lo 2002, table 1 (independent returns)', () => {
    const error = (ratio: number, count: number): number => Number(normalStandardError({ ratio, count }).toFixed(3));
    expect([12, 24, 36, 48, 60, 125, 250, 500].map((count) => error(0.5, count))).toEqual([
      0.306, 0.217, 0.177, 0.153, 0.137, 0.095, 0.067, 0.047,
    ]);
    expect(error(3, 60)).toBe(0.303);
  });

  it('has the same error for normal returns by Mertens, but for one degree of freedom', () => {
    const sample = { ratio: 0.4, count: 101, ...normal };
    expect(standardError(sample)).toBeCloseTo(normalStandardError({ ratio: 0.4, count: 100 }), 14);
  });

  it('is less certain with negative skewness and fat tails', () => {
    const fat = standardError({ ratio: 0.4, count: 101, skewness: -2, kurtosis: 10 });
    expect(fat).toBeCloseTo(Math.sqrt((1 + 0.8 + 2.25 * 0.16) / 100), 14);
    const interval = confidenceInterval({ ratio: 0.4, count: 101, ...normal });
    expect((interval.low + interval.high) / 2).toBeCloseTo(0.4, 12);
    expect(interval.high - interval.low).toBeCloseTo(
      2 * 1.959964 * standardError({ ratio: 0.4, count: 101, ...normal }),
      6,
    );
  });

  it('has the standard error that ratios of drawn samples show', () => {
    const random = new SeededRandom().stream('sharpe', 5);
    const ratios = Array.from({ length: 4_000 }, () => {
      const { mean, deviation } = momentsOf(Array.from({ length: 60 }, () => 0.5 + random.normal()));
      return mean / deviation;
    });
    expect(momentsOf(ratios).deviation / normalStandardError({ ratio: 0.5, count: 60 })).toBeCloseTo(1, 1);
  });

  it('is annualised with the root of the periods, and with less where returns follow each other (Lo 2002, equation 20)', () => {
    expect(annualisation(12)).toBeCloseTo(Math.sqrt(12), 14);
    // Two periods of correlation ρ: 2 / sqrt(2 + 2ρ).
    expect(annualisation(2, [0.5])).toBeCloseTo(2 / Math.sqrt(3), 14);
    expect(annualisation(12, [0.3])).toBeLessThan(Math.sqrt(12));
  });

  it('comes to the same with an integrated normal distribution, from the formulas as they are printed', () => {
    const spread = (ratio: number, skewness: number, kurtosis: number): number =>
      Math.sqrt(1 - skewness * ratio + ((kurtosis - 1) / 4) * ratio ** 2);
    expect(probabilisticSharpe({ ratio: 0.458, count: 24, skewness: -2.448, kurtosis: 10.164 })).toBeCloseTo(
      integratedCdf((0.458 * Math.sqrt(23)) / spread(0.458, -2.448, 10.164)),
      10,
    );
    expect(minimumTrackRecord({ ratio: 0.3, count: 0, skewness: -1, kurtosis: 6 }, 0.1)).toBeCloseTo(
      1 + (1 + 0.3 + 1.25 * 0.09) * (bisectedInverse(0.95) / 0.2) ** 2,
      7,
    );
    const gamma = 0.577_215_664_901_532_9;
    const best =
      Math.sqrt(0.002) * ((1 - gamma) * bisectedInverse(0.99) + gamma * bisectedInverse(1 - 1 / (100 * Math.E)));
    expect(expectedMaximumSharpe(0.002, 100)).toBeCloseTo(best, 10);
    const ratio = 2.5 / Math.sqrt(250);
    expect(deflatedSharpe({ ratio, count: 1_250, skewness: -3, kurtosis: 10 }, 0.002, 100)).toBeCloseTo(
      integratedCdf(((ratio - best) * Math.sqrt(1_249)) / spread(ratio, -3, 10)),
      10,
    );
  });

  it('expects of the best of many what drawing many and taking the best shows', () => {
    const random = new SeededRandom().stream('best', 3);
    const best = Array.from({ length: 4_000 }, () => Math.max(...Array.from({ length: 100 }, () => random.normal())));
    expect(momentsOf(best).mean / expectedMaximumSharpe(1, 100)).toBeCloseTo(1, 1);
  });

  it('is above zero with the probability of Bailey and López de Prado 2012: 0.458 monthly over 24 months', () => {
    expect(probabilisticSharpe({ ratio: 0.458, count: 24, ...normal })).toBeCloseTo(0.982, 3);
    expect(probabilisticSharpe({ ratio: 0.458, count: 24, skewness: -2.448, kurtosis: 10.164 })).toBeCloseTo(0.913, 3);
  });

  it('needs the track record of Bailey and López de Prado 2012: 2.73 years of days, 2.83 of weeks, 3.24 of months for 2 over 1', () => {
    const years = (periods: number): number =>
      minimumTrackRecord({ ratio: 2 / Math.sqrt(periods), count: 0, ...normal }, 1 / Math.sqrt(periods)) / periods;
    expect(years(252)).toBeCloseTo(2.73, 2);
    expect(years(52)).toBeCloseTo(2.83, 2);
    expect(years(12)).toBeCloseTo(3.24, 2);
    expect(minimumTrackRecord({ ratio: 0.1, count: 10, ...normal }, 0.1)).toBe(Infinity);
  });

  it('is deflated as in the example of Bailey and López de Prado 2014: 2.5 a year over 1250 days, best of 100 trials', () => {
    const sample = { ratio: 2.5 / Math.sqrt(250), count: 1_250, skewness: -3, kurtosis: 10 };
    const variance = 1 / 2 / 250;
    expect(expectedMaximumSharpe(variance, 100)).toBeCloseTo(0.1132, 4);
    expect(deflatedSharpe(sample, variance, 100)).toBeCloseTo(0.9004, 3);
    // The same paper: 46 trials would have passed at 95 %, and 88 with normal returns.
    expect(deflatedSharpe(sample, variance, 46)).toBeCloseTo(0.9505, 3);
    expect(deflatedSharpe({ ...sample, ...normal }, variance, 88)).toBeCloseTo(0.9505, 3);
    expect(deflatedSharpe(sample, variance, 1)).toBe(probabilisticSharpe(sample, 0));
  });
});
