import type { Decimal } from '../../../domain/decimal.js';
import { fault } from '../../../domain/errors.js';
import type { Series } from '../../../ports/runtime-state/series.js';

const BPS = 10_000;

/** 1 bullish, -1 bearish, 0 neither. */
export type Trend = 1 | 0 | -1;

export interface CrossSettings {
  readonly shortMa: number;
  readonly longMa: number;
  readonly crossEpsilonBps: Decimal;
  readonly crossConfirmBars: number;
}

/** Values of a series it takes to see a confirmed cross. */
export const valuesForCross = (settings: CrossSettings): number =>
  Math.max(settings.shortMa, settings.longMa) + settings.crossConfirmBars + 1;

/**
 * Crossing of two simple moving averages of one series. With d = mean(short) - mean(long), d' the same one value
 * earlier and e = current value x epsilon: bullish when d' <= e and d > e, bearish mirrored. Confirmation by k values
 * signals when the newest cross is exactly k values old and d has stayed beyond the band since.
 *
 * The sums are integers and run along with the series; d is compared cross-multiplied, so it is exact. After a gap
 * (any number of new values but one) everything is computed anew and gives the same answer.
 */
export class MovingAverageCross {
  /** What happened on the current value, unconfirmed. */
  crossed: Trend = 0;
  signal: Trend = 0;
  ready = false;
  private readonly needed: number;
  private readonly short: number;
  private readonly long: number;
  private readonly confirm: number;
  /**
   * Half width of the band for a value of 1, in the units of the cross-multiplied difference, as a fraction of whole
   * numbers.
   */
  private readonly bandNumerator: number;
  private readonly bandDenominator: number;
  /** Above this a cross-multiplied sum could leave the exact range. */
  private readonly largest: number;
  private series: Series | undefined = undefined;
  private count = -1;
  private shortSum = 0;
  private longSum = 0;
  private difference = 0;
  private trend: Trend = 0;
  private age = 0;

  constructor(settings: CrossSettings) {
    this.short = settings.shortMa;
    this.long = settings.longMa;
    this.confirm = settings.crossConfirmBars;
    this.needed = valuesForCross(settings);
    const scale = this.short * this.long;
    const { crossEpsilonBps } = settings;
    const digits = 10 ** crossEpsilonBps.decimalPlaces();
    this.bandNumerator = crossEpsilonBps.times(digits).toNumber() * scale;
    this.bandDenominator = BPS * digits;
    this.largest = Math.floor(Number.MAX_SAFE_INTEGER / scale);
  }

  /** Brings everything up to the series' current value. Calling it again without a new value changes nothing. */
  update(series: Series): void {
    const { count } = series;
    if (series === this.series && count === this.count) return;
    this.ready = series.length >= this.needed;
    if (!this.ready) this.forget();
    else if (series === this.series && count === this.count + 1) this.advance(series, 0);
    else this.rebuild(series);
    this.series = this.ready ? series : undefined;
    this.count = count;
  }

  private forget(): void {
    this.crossed = 0;
    this.signal = 0;
  }

  private rebuild(series: Series): void {
    const oldest = this.confirm + 1;
    this.shortSum = this.sum(series, oldest, this.short);
    this.longSum = this.sum(series, oldest, this.long);
    this.difference = this.shortSum * this.long - this.longSum * this.short;
    this.trend = 0;
    for (let back = this.confirm; back >= 0; back -= 1) this.advance(series, back);
  }

  private sum(series: Series, from: number, size: number): number {
    let total = 0;
    for (let i = 0; i < size; i += 1) total += this.checked(series.at(from + i));
    return total;
  }

  private advance(series: Series, back: number): void {
    const value = this.checked(series.at(back));
    const before = this.difference;
    this.shortSum += value - series.at(back + this.short);
    this.longSum += value - series.at(back + this.long);
    const now = this.shortSum * this.long - this.longSum * this.short;
    const band = this.bandNumerator === 0 ? 0 : (value * this.bandNumerator) / this.bandDenominator;
    this.difference = now;
    this.crossed = before <= band && now > band ? 1 : before >= -band && now < -band ? -1 : 0;
    if (this.crossed !== 0) {
      this.trend = this.crossed;
      this.age = 0;
    } else if (this.trend !== 0 && this.trend * now > band) this.age += 1;
    else this.trend = 0;
    this.signal = this.age === this.confirm ? this.trend : 0;
  }

  private checked(value: number): number {
    if (value <= this.largest) return value;
    throw fault(
      'NUM-001',
      `Marks must stay below ${this.largest} for windows of ${this.short} and ${this.long}, was ${value}.`,
    );
  }
}
