import { BarIndicator, Line, SourceIndicator, type IndicatorBar, type Source } from './indicator.js';
import { exponential, length, RollingExtreme, RollingMoments, RollingSum, wilder, type Smoothing } from './kernels.js';

/** The largest of the bar's range and its distances from the close before; the first bar has its range alone. */
export class TrueRange extends BarIndicator {
  private before = Number.NaN;

  constructor() {
    super('tr()', 1);
  }

  protected advance(bar: IndicatorBar): void {
    const close = this.seen === 1 ? bar.close : this.before;
    this.before = bar.close;
    this.emit(Math.max(bar.high, close) - Math.min(bar.low, close));
  }

  protected clear(): void {
    this.before = Number.NaN;
  }
}

/** Average true range, Wilder's average of n true ranges. */
export class Atr extends BarIndicator {
  private readonly range = new TrueRange();
  private readonly average: Smoothing;

  constructor(size = 14) {
    super(`atr(${length(size, 'Length of atr')})`, size);
    this.average = wilder(size);
  }

  protected advance(bar: IndicatorBar): void {
    this.range.update(bar);
    this.average.push(this.range.value);
    this.emit(this.average.value);
  }

  protected clear(): void {
    this.range.reset();
    this.average.clear();
  }
}

/** Average true range in percent of the close. */
export class Natr extends BarIndicator {
  private readonly atr: Atr;

  constructor(size = 14) {
    super(`natr(${length(size, 'Length of natr')})`, size);
    this.atr = new Atr(size);
  }

  protected advance(bar: IndicatorBar): void {
    this.atr.update(bar);
    if (this.ready) this.emit(bar.close === 0 ? 0 : (100 * this.atr.value) / bar.close);
  }

  protected clear(): void {
    this.atr.reset();
  }
}

/** Bollinger's bands: the simple average (`value`) and `width` standard deviations of the window to either side. */
export class Bollinger extends SourceIndicator {
  readonly upper = new Line();
  readonly lower = new Line();
  /** Distance of the bands in percent of the average. */
  readonly bandwidth = new Line();
  /** Where the price stands: 0 at the lower band, 1 at the upper; a half where they are one. */
  readonly percentB = new Line();
  private readonly window: RollingMoments;

  constructor(
    private readonly size = 20,
    private readonly width = 2,
    source?: Source,
  ) {
    super(`bollinger(${length(size, 'Length of bollinger')},${width})`, size, source);
    this.window = new RollingMoments(size);
  }

  protected advance(): void {
    const x = this.input;
    this.window.push(x);
    if (!this.ready) return;
    const { mean } = this.window;
    const away = this.width * Math.sqrt(this.window.spread / this.size);
    this.set(mean);
    this.upper.set(mean + away);
    this.lower.set(mean - away);
    this.bandwidth.set(mean === 0 ? 0 : (200 * away) / mean);
    this.percentB.set(away > 0 ? (x - mean + away) / (2 * away) : 0.5);
  }

  protected clear(): void {
    this.window.clear();
    for (const line of [this.upper, this.lower, this.bandwidth, this.percentB]) line.forget();
  }
}

/** Keltner channel: exponential average of closes (`value`) and a multiple of the average true range to either side. */
export class Keltner extends BarIndicator {
  readonly upper = new Line();
  readonly lower = new Line();
  private readonly average: Smoothing;
  private readonly atr: Atr;

  constructor(
    size = 20,
    range = 10,
    private readonly multiple = 2,
  ) {
    super(
      `keltner(${length(size, 'Length of keltner')},${length(range, 'Range length of keltner')},${multiple})`,
      Math.max(size, range),
    );
    this.average = exponential(size);
    this.atr = new Atr(range);
  }

  protected advance(bar: IndicatorBar): void {
    this.average.push(bar.close);
    this.atr.update(bar);
    if (!this.ready) return;
    const away = this.multiple * this.atr.value;
    this.set(this.average.value);
    this.upper.set(this.average.value + away);
    this.lower.set(this.average.value - away);
  }

  protected clear(): void {
    this.average.clear();
    this.atr.reset();
    this.upper.forget();
    this.lower.forget();
  }
}

/**
 * Donchian channel: highest high (`upper`), lowest low (`lower`) and their middle (`value`) of n bars, this one
 * included.
 */
export class Donchian extends BarIndicator {
  readonly upper = new Line();
  readonly lower = new Line();
  private readonly highest: RollingExtreme;
  private readonly lowest: RollingExtreme;

  constructor(size = 20) {
    super(`donchian(${length(size, 'Length of donchian')})`, size);
    this.highest = new RollingExtreme(size, 1);
    this.lowest = new RollingExtreme(size, -1);
  }

  protected advance(bar: IndicatorBar): void {
    this.highest.push(bar.high);
    this.lowest.push(bar.low);
    if (!this.ready) return;
    this.upper.set(this.highest.value);
    this.lower.set(this.lowest.value);
    this.set((this.highest.value + this.lowest.value) / 2);
  }

  protected clear(): void {
    this.highest.clear();
    this.lowest.clear();
    this.upper.forget();
    this.lower.forget();
  }
}

/**
 * SuperTrend: a band of average true ranges about the middle of the bar, which only moves towards the price until the
 * close passes it; then the other band takes over. `direction` is 1 above the line and -1 below; the first bar counts
 * as a fall.
 */
export class SuperTrend extends BarIndicator {
  readonly direction = new Line();
  private readonly atr: Atr;
  private upper = 0;
  private lower = 0;
  private close = 0;
  private side = -1;

  constructor(
    private readonly size = 10,
    private readonly multiple = 3,
  ) {
    super(`superTrend(${length(size, 'Length of superTrend')},${multiple})`, size);
    this.atr = new Atr(size);
  }

  protected advance(bar: IndicatorBar): void {
    this.atr.update(bar);
    if (!this.ready) {
      this.close = bar.close;
      return;
    }
    const middle = (bar.high + bar.low) / 2;
    const away = this.multiple * this.atr.value;
    const first = this.seen === this.size;
    this.upper = first || middle + away < this.upper || this.close > this.upper ? middle + away : this.upper;
    this.lower = first || middle - away > this.lower || this.close < this.lower ? middle - away : this.lower;
    if (!first) this.side = this.side < 0 ? (bar.close > this.upper ? 1 : -1) : bar.close < this.lower ? -1 : 1;
    this.close = bar.close;
    this.direction.set(this.side);
    this.set(this.side > 0 ? this.lower : this.upper);
  }

  protected clear(): void {
    this.atr.reset();
    this.upper = 0;
    this.lower = 0;
    this.close = 0;
    this.side = -1;
    this.direction.forget();
  }
}

/** Dreiss' choppiness index, 0 in a trend to 100 in a market that goes nowhere; 100 without any range. */
export class Choppiness extends BarIndicator {
  private readonly range = new TrueRange();
  private readonly sum: RollingSum;
  private readonly highest: RollingExtreme;
  private readonly lowest: RollingExtreme;
  private readonly scale: number;

  constructor(size = 14) {
    super(`choppiness(${length(size, 'Length of choppiness', 2)})`, size);
    this.sum = new RollingSum(size);
    this.highest = new RollingExtreme(size, 1);
    this.lowest = new RollingExtreme(size, -1);
    this.scale = 100 / Math.log10(size);
  }

  protected advance(bar: IndicatorBar): void {
    this.range.update(bar);
    this.sum.push(this.range.value);
    this.highest.push(bar.high);
    this.lowest.push(bar.low);
    const reach = this.highest.value - this.lowest.value;
    this.emit(reach > 0 ? this.scale * Math.log10(this.sum.sum / reach) : 100);
  }

  protected clear(): void {
    this.range.reset();
    this.sum.clear();
    this.highest.clear();
    this.lowest.clear();
  }
}
