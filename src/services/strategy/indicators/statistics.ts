import { Indicator, SourceIndicator, type IndicatorBar, type Source } from './indicator.js';
import { length, Ring, RollingMoments, RollingSum } from './kernels.js';

/** Standard deviation of the window (of a population: divided by n). */
export class StandardDeviation extends SourceIndicator {
  private readonly window: RollingMoments;

  constructor(
    private readonly size: number,
    source?: Source,
  ) {
    super(`stdev(${length(size, 'Length of stdev', 2)})`, size, source);
    this.window = new RollingMoments(size);
  }

  protected advance(): void {
    const x = this.input;
    this.window.push(x);
    this.emit(Math.sqrt(this.window.spread / this.size));
  }

  protected clear(): void {
    this.window.clear();
  }
}

/** Distance from the mean of the window in standard deviations of the window; 0 without any. */
export class ZScore extends SourceIndicator {
  private readonly window: RollingMoments;

  constructor(
    private readonly size: number,
    source?: Source,
  ) {
    super(`zScore(${length(size, 'Length of zScore', 2)})`, size, source);
    this.window = new RollingMoments(size);
  }

  protected advance(): void {
    const x = this.input;
    this.window.push(x);
    const deviation = Math.sqrt(this.window.spread / this.size);
    this.emit(deviation > 0 ? (x - this.window.mean) / deviation : 0);
  }

  protected clear(): void {
    this.window.clear();
  }
}

/** Share of the n values before this one that it reaches or passes, in percent. */
export class PercentRank extends SourceIndicator {
  private readonly values: Ring;

  constructor(
    private readonly size: number,
    source?: Source,
  ) {
    super(`percentRank(${length(size, 'Length of percentRank')})`, size + 1, source);
    this.values = new Ring(size);
  }

  protected advance(): void {
    const x = this.input;
    if (this.ready) {
      let below = 0;
      for (let i = 0; i < this.size; i += 1) if (this.values.at(i) <= x) below += 1;
      this.emit((100 * below) / this.size);
    }
    this.values.push(x);
  }

  protected clear(): void {
    this.values.clear();
  }
}

/**
 * Standard deviation of n logarithmic returns (of a sample: divided by n - 1) times the root of `barsPerYear`, as a
 * fraction a year. `barsPerYear` 1 gives it for one bar. A price that is not above zero has no logarithm: it starts
 * again.
 */
export class RealisedVolatility extends SourceIndicator {
  private readonly returns: RollingMoments;
  private readonly scale: number;
  private before = 0;

  constructor(
    private readonly size: number,
    barsPerYear = 1,
    source?: Source,
  ) {
    super(`realisedVolatility(${length(size, 'Length of realisedVolatility', 2)},${barsPerYear})`, size + 1, source);
    this.returns = new RollingMoments(size);
    this.scale = Math.sqrt(barsPerYear);
  }

  protected advance(): void {
    const x = this.input;
    if (!(x > 0)) {
      this.reset();
      return;
    }
    if (this.seen > 1) this.returns.push(Math.log(x / this.before));
    this.before = x;
    if (this.ready) this.emit(Math.sqrt(this.returns.spread / (this.size - 1)) * this.scale);
  }

  protected clear(): void {
    this.returns.clear();
    this.before = 0;
  }
}

/** Mean of the last n funding rates. Fed with `push(rate)` at each stamp; a gap (NaN) starts it again. */
export class FundingAverage extends Indicator {
  private readonly rates: RollingSum;

  constructor(private readonly size: number) {
    super(`fundingAverage(${length(size, 'Length of fundingAverage')})`, size);
    this.rates = new RollingSum(size);
  }

  /** The rate stands where a price would. */
  update(bar: IndicatorBar): void {
    if (!Number.isFinite(bar.close)) {
      this.reset();
      return;
    }
    this.seen += 1;
    this.rates.push(bar.close);
    this.emit(this.rates.sum / this.size);
  }

  protected clear(): void {
    this.rates.clear();
  }
}

/**
 * Mean distance of the mark from the index over n bars, as a fraction of the index. Fed with `compare(mark, index)`.
 */
export class Basis extends Indicator {
  private readonly shares: RollingSum;

  constructor(private readonly size = 1) {
    super(`basis(${length(size, 'Length of basis')})`, size);
    this.shares = new RollingSum(size);
  }

  /** One pair of prices; one that is not above zero, or not known, starts it again. */
  compare(mark: number, index: number): void {
    this.push(index > 0 && mark > 0 ? mark / index - 1 : Number.NaN);
  }

  /** The share stands where a price would. */
  update(bar: IndicatorBar): void {
    if (!Number.isFinite(bar.close)) {
      this.reset();
      return;
    }
    this.seen += 1;
    this.shares.push(bar.close);
    this.emit(this.shares.sum / this.size);
  }

  protected clear(): void {
    this.shares.clear();
  }
}
