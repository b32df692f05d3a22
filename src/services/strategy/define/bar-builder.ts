import type { Instrument } from '../../../domain/instrument.js';
import type { Series, ValueRange } from '../../../ports/runtime-state/series.js';
import type { BarView } from '../../../ports/core-services/simulated-exchange.js';
import { barEndAt, barOpenAt } from '../../../domain/time-spans.js';
import type { IndicatorBar } from '../indicators/index.js';
import { showBar, type BarFields } from './bar-fields.js';

/** A finished bar, filled in anew for every bar. */
export class BuiltBar implements IndicatorBar, BarFields {
  at = 0;
  open = Number.NaN;
  high = Number.NaN;
  low = Number.NaN;
  close = Number.NaN;
  /** NaN unless every value of the bar came with a known volume. */
  volume = Number.NaN;
  /** `bars` when every value came with the open, high and low of recorded data. */
  madeOf: BarFields['madeOf'] = 'marks';

  /** A single mark: nothing is known of what lay between it and the one before. */
  mark(price: number): void {
    this.open = price;
    this.high = price;
    this.low = price;
    this.close = price;
    this.volume = Number.NaN;
    this.madeOf = 'marks';
  }

  /** What a value of before this life came with. */
  span({ open, high, low, close, volume }: ValueRange, price: (mark: number) => number): void {
    this.open = price(open);
    this.high = price(high);
    this.low = price(low);
    this.close = price(close);
    this.volume = volume;
    this.madeOf = 'bars';
  }

  /** A recorded bar; `perLot` is what a lot of it is in units of the product. */
  record(
    { instrument: { marksPerTick } }: Series,
    bar: BarView,
    price: (mark: number) => number,
    perLot: number,
  ): void {
    this.open = price(bar.open * marksPerTick);
    this.high = price(bar.high * marksPerTick);
    this.low = price(bar.low * marksPerTick);
    this.close = price(bar.close * marksPerTick);
    this.volume = bar.volume * perLot;
    this.madeOf = 'bars';
  }
}

/**
 * Makes the bars of one timeframe from the values of a series: weeks from Monday, months from the first, in UTC. A
 * value at `t` belongs to the bar that ends at `t` or after it. A bar is finished by the value at its very end, else by
 * the first value after it, never before. Where the data has bars, bars are made of them alone, whatever else tells the
 * price in between; otherwise a bar is made of the marks that were seen. A bar whose beginning was not seen is left
 * out, and so is one without any value: nothing is invented.
 */
export class BarBuilder {
  readonly bar = new BuiltBar();
  private readonly next = new BuiltBar();
  /** The value being taken. */
  private readonly value = new BuiltBar();
  private end = Number.NaN;
  private whole = false;
  private values = 0;
  private taken = -1;
  /** Close of the newest bar of the data that was taken; 0 before the first. */
  private barAt = 0;
  /** What a lot is, of the product that came last: a decimal is read once, and not with every bar. */
  private instrument: Instrument | undefined;
  private perLot = Number.NaN;

  constructor(
    /** Undefined: every value is a bar. */
    private readonly timeframeMs: number | undefined,
    /** Told of every finished bar, oldest first; `bar` is it. */
    private readonly finished: (bar: BuiltBar) => void,
  ) {}

  /** Values that the bar under way has so far. */
  get pending(): number {
    return this.values;
  }

  /**
   * Takes what is new in the series; older values that were never shown are taken with the times they must have had.
   * Returns the bars this finished.
   */
  take(series: Series, now: number, price: (mark: number) => number): number {
    const fresh = this.taken < 0 ? series.length : Math.min(series.count - this.taken, series.length);
    if (fresh <= 0) return 0;
    if (this.taken >= 0 && series.count - this.taken > series.length) this.drop();
    this.taken = series.count;
    const { intervalMs, bar } = series;
    let finished = 0;
    // Between the closes of longer bars the newest close is sampled again: that is no trade.
    const areCloses = bar === undefined || this.barAt === 0 || bar.closeAt - bar.openAt <= intervalMs;
    for (let back = areCloses ? fresh - 1 : 0; back >= 0; back -= 1) {
      // Bars follow: those of before are bars too. Where marks do, closes are what marks would have been.
      const range = bar === undefined ? undefined : series.rangeAt?.(back);
      if (range !== undefined) {
        this.value.span(range, price);
        this.barAt = range.closeAt;
        finished += this.add(range.closeAt, range.openAt);
        if (back === 0) return finished;
      } else if (back > 0) {
        this.value.mark(price(series.at(back)));
        finished += this.add(now - back * intervalMs, now - (back + 1) * intervalMs);
      }
    }
    if (bar === undefined || (bar.closeAt === 0 && this.barAt === 0)) {
      this.value.mark(price(series.at(0)));
      return finished + this.add(now, now - intervalMs);
    }
    if (bar.closeAt <= this.barAt || bar.closeAt > now) return finished;
    this.barAt = bar.closeAt;
    this.value.record(series, bar, price, this.perLotOf(series.instrument));
    return finished + this.add(bar.closeAt, bar.openAt);
  }

  private perLotOf(instrument: Instrument): number {
    if (instrument !== this.instrument) {
      this.instrument = instrument;
      this.perLot = instrument.spec.step.toNumber();
    }
    return this.perLot;
  }

  /** A value of the time from `from` to `at`. */
  private add(at: number, from: number): number {
    const { timeframeMs, value } = this;
    const end = timeframeMs === undefined ? at : barEndAt(at, timeframeMs);
    let finished = 0;
    if (end !== this.end) {
      finished += this.finish();
      this.begin(end, timeframeMs === undefined || from <= barOpenAt(end - 1, timeframeMs));
    }
    const { next } = this;
    next.high = Math.max(next.high, value.high);
    next.low = Math.min(next.low, value.low);
    next.close = value.close;
    next.volume += value.volume;
    if (value.madeOf === 'marks') next.madeOf = 'marks';
    this.values += 1;
    return at === end ? finished + this.finish() : finished;
  }

  private begin(end: number, whole: boolean): void {
    const { next } = this;
    this.end = end;
    this.whole = whole;
    this.values = 0;
    next.at = end;
    next.open = this.value.open;
    next.high = Number.NEGATIVE_INFINITY;
    next.low = Number.POSITIVE_INFINITY;
    next.volume = 0;
    next.madeOf = 'bars';
  }

  private finish(): number {
    const { bar, next } = this;
    const complete = this.whole && this.values > 0;
    if (complete) {
      showBar(bar, next);
      bar.volume = next.volume;
    }
    this.drop();
    if (complete) this.finished(bar);
    return complete ? 1 : 0;
  }

  private drop(): void {
    this.end = Number.NaN;
    this.whole = false;
    this.values = 0;
  }
}
