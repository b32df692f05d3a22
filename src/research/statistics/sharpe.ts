import type { Moments } from './moments.js';
import { normalCdf, normalInverse } from './normal.js';

const EULER_MASCHERONI = 0.5772156649015329;

/** Sharpe ratio of one period with the shape of its returns: what every statistic below is computed from. */
export interface SharpeSample {
  /** Mean over sample deviation of one period's returns, not annualised. */
  readonly ratio: number;
  readonly count: number;
  readonly skewness: number;
  /** 3 for a normal distribution. */
  readonly kurtosis: number;
}

/** Undefined with fewer than two returns or when nothing varies. */
export function sharpeSample(moments: Moments): SharpeSample | undefined {
  if (!(moments.deviation > 0)) return undefined;
  return {
    ratio: moments.mean / moments.deviation,
    count: moments.count,
    skewness: moments.skewness,
    kurtosis: moments.kurtosis,
  };
}

/**
 * Standard error of the ratio for independent normal returns: `sqrt((1 + SR²/2) / T)`.
 * Source: A. W. Lo, "The statistics of Sharpe ratios", Financial Analysts Journal 58(4), 2002, equation 9.
 */
export const normalStandardError = ({ ratio, count }: Pick<SharpeSample, 'ratio' | 'count'>): number =>
  Math.sqrt((1 + 0.5 * ratio * ratio) / count);

/**
 * Standard error for independent returns of any shape: `sqrt((1 - g3·SR + (g4 - 1)/4·SR²) / (T - 1))`.
 * Source: E. Mertens, "Comments on variance of the IID estimator in Lo (2002)", 2002; in this form D. H. Bailey and
 * M. López de Prado, "The Sharpe ratio efficient frontier", Journal of Risk 15(2), 2012.
 */
export function standardError({ ratio, count, skewness, kurtosis }: SharpeSample): number {
  return Math.sqrt((1 - skewness * ratio + ((kurtosis - 1) / 4) * ratio * ratio) / (count - 1));
}

/**
 * Factor of a q-period ratio over the one-period ratio when returns are serially correlated: `q / sqrt(q +
 * 2·Σ(q-k)·ρk)`; `sqrt(q)` without correlation. NaN where the correlations leave no variance. Source: Lo 2002, equation
 * 20.
 */
export function annualisation(periods: number, correlations: readonly number[] = []): number {
  const weighted = correlations.reduce((sum, rho, index) => sum + Math.max(0, periods - index - 1) * rho, 0);
  return periods / Math.sqrt(periods + 2 * weighted);
}

export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** Two-sided interval of the one-period ratio, by the normal approximation of its estimator. */
export function confidenceInterval(sample: SharpeSample, confidence = 0.95): Interval {
  const reach = normalInverse(0.5 + confidence / 2) * standardError(sample);
  return { low: sample.ratio - reach, high: sample.ratio + reach };
}

/**
 * Probability that the true ratio is above `benchmark` (both of one period). Source: Bailey and López de Prado 2012,
 * "probabilistic Sharpe ratio".
 */
export const probabilisticSharpe = (sample: SharpeSample, benchmark = 0): number =>
  normalCdf((sample.ratio - benchmark) / standardError(sample));

/**
 * Returns needed before the ratio is above `benchmark` with this confidence; infinite where it is not above it at all.
 * Source: Bailey and López de Prado 2012, "minimum track record length".
 */
export function minimumTrackRecord(sample: SharpeSample, benchmark = 0, confidence = 0.95): number {
  const { ratio, skewness, kurtosis } = sample;
  if (!(ratio > benchmark)) return Number.POSITIVE_INFINITY;
  const shape = 1 - skewness * ratio + ((kurtosis - 1) / 4) * ratio * ratio;
  return 1 + shape * (normalInverse(confidence) / (ratio - benchmark)) ** 2;
}

/**
 * Ratio that the best of `trials` strategies without skill is expected to show, given the variance of the trials'
 * ratios. Source: D. H. Bailey and M. López de Prado, "The deflated Sharpe ratio", Journal of Portfolio Management
 * 40(5), 2014, equation 1.
 */
export function expectedMaximumSharpe(variance: number, trials: number): number {
  if (!(trials > 1)) return 0;
  const first = normalInverse(1 - 1 / trials);
  const second = normalInverse(1 - 1 / (trials * Math.E));
  return Math.sqrt(variance) * ((1 - EULER_MASCHERONI) * first + EULER_MASCHERONI * second);
}

/**
 * Probability that the best of many trials has skill: the probabilistic ratio against what luck alone would have shown.
 * `variance` is that of the trials' one-period ratios. Source: Bailey and López de Prado 2014, equation 2.
 */
export const deflatedSharpe = (sample: SharpeSample, variance: number, trials: number): number =>
  probabilisticSharpe(sample, expectedMaximumSharpe(variance, trials));
