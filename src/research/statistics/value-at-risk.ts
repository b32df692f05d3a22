import { momentsOf, quantile, sorted } from './moments.js';
import { normalDensity, normalInverse } from './normal.js';

export type RiskMethod = 'historical' | 'normal' | 'cornish-fisher';

/** Losses as positive fractions; a negative number is a gain. */
export interface TailRisk {
  readonly method: RiskMethod;
  readonly confidence: number;
  readonly valueAtRisk: number;
  /** Mean loss where the loss is at least the value at risk. */
  readonly expectedShortfall: number;
}

/**
 * One-period loss that is exceeded with probability `1 - confidence`, and the mean loss beyond it. `historical`:
 * empirical quantile (Hyndman and Fan, type 7) and the mean at or below it (C. Acerbi and D. Tasche, "Expected
 * shortfall", Economic Notes 31, 2002). `normal`: `-(µ + zσ)` and `-µ + σφ(z)/(1-c)`. `cornish-fisher`: the normal
 * quantile moved by skewness and excess kurtosis (L. Favre and J. A. Galeano, "Mean-modified value-at-risk", Journal of
 * Alternative Investments 5, 2002), its shortfall integrated over the tail. Undefined without two returns.
 */
export function tailRisk(returns: readonly number[], confidence: number, method: RiskMethod): TailRisk | undefined {
  if (returns.length < 2) return undefined;
  if (method === 'historical') return historical(returns, confidence);
  const { mean, deviation, skewness, kurtosis } = momentsOf(returns);
  const tail = 1 - confidence;
  if (method === 'normal') {
    const z = normalInverse(tail);
    return {
      method,
      confidence,
      valueAtRisk: -(mean + z * deviation),
      expectedShortfall: -mean + (deviation * normalDensity(z)) / tail,
    };
  }
  const moved = (z: number): number => cornishFisher(z, skewness, kurtosis - 3);
  const steps = 400;
  let sum = 0;
  for (let i = 0; i < steps; i += 1) sum += moved(normalInverse((tail * (i + 0.5)) / steps));
  return {
    method,
    confidence,
    valueAtRisk: -(mean + moved(normalInverse(tail)) * deviation),
    expectedShortfall: -(mean + (sum / steps) * deviation),
  };
}

/** The quantile of a distribution that is nearly normal: Cornish and Fisher 1937, to the second order. */
export function cornishFisher(z: number, skewness: number, excess: number): number {
  return (
    z +
    ((z * z - 1) * skewness) / 6 +
    ((z ** 3 - 3 * z) * excess) / 24 -
    ((2 * z ** 3 - 5 * z) * skewness * skewness) / 36
  );
}

function historical(returns: readonly number[], confidence: number): TailRisk {
  const ascending = sorted(returns);
  const edge = quantile(ascending, 1 - confidence);
  const beyond = ascending.filter((value) => value <= edge);
  const mean = beyond.reduce((sum, value) => sum + value, 0) / beyond.length;
  return { method: 'historical', confidence, valueAtRisk: -edge, expectedShortfall: -mean };
}
