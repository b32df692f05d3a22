/** The four moments that the statistics here need. Skewness and kurtosis are NaN where nothing varies. */
export interface Moments {
  readonly count: number;
  readonly mean: number;
  /** Sample deviation (n - 1). */
  readonly deviation: number;
  /** Third standardised moment (population), 0 for a normal distribution. */
  readonly skewness: number;
  /** Fourth standardised moment (population), 3 for a normal distribution. */
  readonly kurtosis: number;
}

/**
 * Moments one value at a time, in constant memory and without cancellation.
 * Source: P. Pébay, "Formulas for robust, one-pass parallel computation of covariances and arbitrary-order statistical
 * moments", Sandia SAND2008-6212.
 */
export class RunningMoments {
  private n = 0;
  private mean = 0;
  private m2 = 0;
  private m3 = 0;
  private m4 = 0;

  add(value: number): void {
    const before = this.n;
    const n = before + 1;
    const delta = value - this.mean;
    const step = delta / n;
    const term = delta * step * before;
    this.n = n;
    this.mean += step;
    this.m4 += term * step * step * (n * n - 3 * n + 3) + 6 * step * step * this.m2 - 4 * step * this.m3;
    this.m3 += term * step * (n - 2) - 3 * step * this.m2;
    this.m2 += term;
  }

  moments(): Moments {
    const { n, m2 } = this;
    return {
      count: n,
      mean: n === 0 ? NaN : this.mean,
      deviation: n < 2 ? NaN : Math.sqrt(m2 / (n - 1)),
      skewness: m2 > 0 ? (Math.sqrt(n) * this.m3) / m2 ** 1.5 : NaN,
      kurtosis: m2 > 0 ? (n * this.m4) / (m2 * m2) : NaN,
    };
  }
}

export function momentsOf(values: ArrayLike<number>): Moments {
  const running = new RunningMoments();
  for (let i = 0; i < values.length; i += 1) running.add(values[i] as number);
  return running.moments();
}

export function meanOf(values: readonly number[]): number {
  return values.length === 0 ? NaN : values.reduce((sum, value) => sum + value, 0) / values.length;
}

export const sorted = (values: Iterable<number>): number[] => [...values].sort((a, b) => a - b);

/**
 * Quantile of ascending values by linear interpolation between order statistics; NaN without values. Source: R. J.
 * Hyndman and Y. Fan, "Sample quantiles in statistical packages", American Statistician 50 (1996), type 7.
 */
export function quantile(ascending: readonly number[], probability: number): number {
  if (ascending.length === 0) return NaN;
  const place = (ascending.length - 1) * probability;
  const below = Math.floor(place);
  const low = ascending[below] as number;
  const high = ascending[Math.min(below + 1, ascending.length - 1)] as number;
  return low + (place - below) * (high - low);
}

/** Simple returns of consecutive values; one fewer than values. */
export function returnsOf(values: readonly number[]): number[] {
  const returns: number[] = [];
  for (let i = 1; i < values.length; i += 1) returns.push((values[i] as number) / (values[i - 1] as number) - 1);
  return returns;
}
