import { BarIndicator, type IndicatorBar } from './indicator.js';
import { exponential, length, RollingSum, type Smoothing } from './kernels.js';
import { DAY_MS } from '../../../domain/time-spans.js';

/** Granville's on-balance volume: added on a rise, taken off on a fall; begins at 0. */
export class Obv extends BarIndicator {
  private total = 0;
  private before = 0;

  constructor() {
    super('obv()', 1, true);
  }

  protected advance(bar: IndicatorBar): void {
    if (this.seen > 1) this.total += Math.sign(bar.close - this.before) * bar.volume;
    this.before = bar.close;
    this.emit(this.total);
  }

  protected clear(): void {
    this.total = 0;
    this.before = 0;
  }
}

/**
 * Volume of a bar by where it closed in its range: all of it at the high, less all of it at the low; 0 without a range.
 */
function moneyFlow(bar: IndicatorBar): number {
  const range = bar.high - bar.low;
  return range > 0 ? ((2 * bar.close - bar.high - bar.low) / range) * bar.volume : 0;
}

/** Chaikin's accumulation and distribution line. */
export class AccumulationDistribution extends BarIndicator {
  private total = 0;

  constructor() {
    super('ad()', 1, true);
  }

  protected advance(bar: IndicatorBar): void {
    this.total += moneyFlow(bar);
    this.emit(this.total);
  }

  protected clear(): void {
    this.total = 0;
  }
}

/** Chaikin's oscillator: difference of two exponential averages of the accumulation line. */
export class ChaikinOscillator extends BarIndicator {
  private total = 0;
  private readonly quick: Smoothing;
  private readonly calm: Smoothing;

  constructor(fast = 3, slow = 10) {
    super(
      `chaikin(${length(fast, 'Fast length of chaikin')},${length(slow, 'Slow length of chaikin')})`,
      Math.max(fast, slow),
      true,
    );
    this.quick = exponential(fast);
    this.calm = exponential(slow);
  }

  protected advance(bar: IndicatorBar): void {
    this.total += moneyFlow(bar);
    this.quick.push(this.total);
    this.calm.push(this.total);
    this.emit(this.quick.value - this.calm.value);
  }

  protected clear(): void {
    this.total = 0;
    this.quick.clear();
    this.calm.clear();
  }
}

/** Chaikin's money flow of n bars, -1 to 1; 0 without volume. */
export class ChaikinMoneyFlow extends BarIndicator {
  private readonly flow: RollingSum;
  private readonly volume: RollingSum;

  constructor(size = 20) {
    super(`cmf(${length(size, 'Length of cmf')})`, size, true);
    this.flow = new RollingSum(size);
    this.volume = new RollingSum(size);
  }

  protected advance(bar: IndicatorBar): void {
    this.flow.push(moneyFlow(bar));
    this.volume.push(bar.volume);
    this.emit(this.volume.sum > 0 ? this.flow.sum / this.volume.sum : 0);
  }

  protected clear(): void {
    this.flow.clear();
    this.volume.clear();
  }
}

/** Money flow index of Quong and Soudack, 0 to 100; 50 without any flow. */
export class MoneyFlowIndex extends BarIndicator {
  private readonly rising: RollingSum;
  private readonly falling: RollingSum;
  private before = 0;

  constructor(size = 14) {
    super(`mfi(${length(size, 'Length of mfi')})`, size + 1, true);
    this.rising = new RollingSum(size);
    this.falling = new RollingSum(size);
  }

  protected advance(bar: IndicatorBar): void {
    const typical = (bar.high + bar.low + bar.close) / 3;
    if (this.seen > 1) {
      this.rising.push(typical > this.before ? typical * bar.volume : 0);
      this.falling.push(typical < this.before ? typical * bar.volume : 0);
    }
    this.before = typical;
    const flow = this.rising.sum + this.falling.sum;
    this.emit(flow > 0 ? (100 * this.rising.sum) / flow : 50);
  }

  protected clear(): void {
    this.rising.clear();
    this.falling.clear();
    this.before = 0;
  }
}

/**
 * Mean price of the UTC day so far, weighted by volume; starts again with the first bar that closes in a new day. The
 * typical price before any volume.
 */
export class Vwap extends BarIndicator {
  private traded = 0;
  private volume = 0;
  private day = Number.NaN;

  constructor() {
    super('vwap()', 1, true);
  }

  protected advance(bar: IndicatorBar): void {
    // A bar that closes at midnight belongs to the day that ends there.
    const day = Math.ceil(bar.at / DAY_MS);
    if (day !== this.day) {
      this.day = day;
      this.traded = 0;
      this.volume = 0;
    }
    const typical = (bar.high + bar.low + bar.close) / 3;
    this.traded += typical * bar.volume;
    this.volume += bar.volume;
    this.emit(this.volume > 0 ? this.traded / this.volume : typical);
  }

  protected clear(): void {
    this.traded = 0;
    this.volume = 0;
    this.day = Number.NaN;
  }
}

/** Mean price of the last n bars, weighted by volume; the typical price without any. */
export class RollingVwap extends BarIndicator {
  private readonly traded: RollingSum;
  private readonly volume: RollingSum;

  constructor(size: number) {
    super(`rollingVwap(${length(size, 'Length of rollingVwap')})`, size, true);
    this.traded = new RollingSum(size);
    this.volume = new RollingSum(size);
  }

  protected advance(bar: IndicatorBar): void {
    const typical = (bar.high + bar.low + bar.close) / 3;
    this.traded.push(typical * bar.volume);
    this.volume.push(bar.volume);
    this.emit(this.volume.sum > 0 ? this.traded.sum / this.volume.sum : typical);
  }

  protected clear(): void {
    this.traded.clear();
    this.volume.clear();
  }
}

/** Elder's force index: change of the close times volume, exponentially averaged. */
export class ForceIndex extends BarIndicator {
  private readonly average: Smoothing;
  private before = 0;

  constructor(size = 13) {
    super(`forceIndex(${length(size, 'Length of forceIndex')})`, size + 1, true);
    this.average = exponential(size);
  }

  protected advance(bar: IndicatorBar): void {
    if (this.seen > 1) this.average.push((bar.close - this.before) * bar.volume);
    this.before = bar.close;
    this.emit(this.average.value);
  }

  protected clear(): void {
    this.average.clear();
    this.before = 0;
  }
}
