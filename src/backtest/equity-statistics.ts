import { Decimal } from '../domain/decimal.js';
import type { MoneyUnit } from '../domain/instrument.js';
import { units, type Units } from '../domain/units.js';
import { DAY_MS } from '../domain/time-spans.js';

const DAYS_A_YEAR = 365;
/** Fewer daily returns than this say nothing; the bars' own returns are used then. */
const LEAST_DAYS = 10;
const LEAST_BARS = 30;
const RATIO_DIGITS = 6;

export interface Drawdown {
  /** Largest fall from a peak, as a fraction of that peak. */
  readonly fraction: Decimal;
  readonly amount: Decimal;
  readonly peak: Decimal;
  readonly trough: Decimal;
  readonly troughAt: number | undefined;
}

export interface Sharpe {
  /** Undefined with too few returns, or when nothing varied. */
  readonly value: number | undefined;
  /** What the returns are of, and the factor that makes them yearly. */
  readonly period: string;
  readonly samples: number;
}

/** Mean and deviation of returns, one at a time (Welford 1962). */
class Returns {
  count = 0;
  private mean = 0;
  private squares = 0;

  add(value: number): void {
    this.count += 1;
    const delta = value - this.mean;
    this.mean += delta / this.count;
    this.squares += delta * (value - this.mean);
  }

  /** Mean over sample deviation, times `sqrt(periodsPerYear)`; the riskless rate is taken as zero. */
  ratio(periodsPerYear: number): number | undefined {
    const deviation = Math.sqrt(this.squares / (this.count - 1));
    return deviation > 0 ? (this.mean / deviation) * Math.sqrt(periodsPerYear) : undefined;
  }
}

/**
 * Drawdown and Sharpe ratio of an equity sampled at the close of every bar. Drawdown is exact on integers; Sharpe is a
 * signal and is a double. Allocates nothing per sample.
 */
export class EquityStatistics {
  private peak: number;
  private worstFall = 0;
  private worstPeak: number;
  private worstAt = NaN;
  private last: number;
  private dayOpen: number;
  /** Close of the day under way; NaN before the first sample. */
  private dayEnd = NaN;
  private readonly daily = new Returns();
  private readonly perBar = new Returns();

  constructor(
    readonly start: Units,
    private readonly intervalMs: number,
  ) {
    this.peak = start;
    this.worstPeak = start;
    this.last = start;
    this.dayOpen = start;
  }

  /** Equity at the close of a bar. A close at midnight belongs to the day that ends. */
  sample(equity: Units, closeAt: number): void {
    if (!(closeAt <= this.dayEnd)) {
      this.closeDay();
      this.dayEnd = Math.ceil(closeAt / DAY_MS) * DAY_MS;
    }
    // Asked only while there are too few days.
    if (this.daily.count < LEAST_DAYS) this.perBar.add(equity === this.last ? 0 : equity / this.last - 1);
    this.last = equity;
    if (equity > this.peak) {
      this.peak = equity;
    } else {
      const fall = this.peak - equity;
      if (fall * this.worstPeak > this.worstFall * this.peak) {
        this.worstFall = fall;
        this.worstPeak = this.peak;
        this.worstAt = closeAt;
      }
    }
  }

  drawdown(unit: MoneyUnit): Drawdown {
    const amount = unit.of(units(this.worstFall));
    const peak = unit.of(units(this.worstPeak));
    return {
      fraction: peak.isZero() ? amount : amount.div(peak).toDecimalPlaces(RATIO_DIGITS, Decimal.ROUND_HALF_EVEN),
      amount,
      peak,
      trough: peak.minus(amount),
      troughAt: Number.isNaN(this.worstAt) ? undefined : this.worstAt,
    };
  }

  /** Daily where there are ten days of it, per bar otherwise. Call once, at the end: it closes the last day. */
  sharpe(): Sharpe {
    this.closeDay();
    this.dayEnd = NaN;
    if (this.daily.count >= LEAST_DAYS) {
      return { value: this.daily.ratio(DAYS_A_YEAR), period: `daily, sqrt(${DAYS_A_YEAR})`, samples: this.daily.count };
    }
    const barsAYear = (DAYS_A_YEAR * DAY_MS) / this.intervalMs;
    const value = this.perBar.count >= LEAST_BARS ? this.perBar.ratio(barsAYear) : undefined;
    return { value, period: `per bar, sqrt(${Math.round(barsAYear)})`, samples: this.perBar.count };
  }

  private closeDay(): void {
    if (Number.isNaN(this.dayEnd)) return;
    this.daily.add(this.last / this.dayOpen - 1);
    this.dayOpen = this.last;
  }
}
