import { BarIndicator, SourceIndicator, type IndicatorBar, type Source } from './indicator.js';
import { exponential, length, Ring, RollingSum, RollingWeighted, wilder, type Smoothing } from './kernels.js';

/** Simple moving average. */
export class Sma extends SourceIndicator {
  private readonly window: RollingSum;

  constructor(
    private readonly size: number,
    source?: Source,
  ) {
    super(`sma(${length(size, 'Length of sma')})`, size, source);
    this.window = new RollingSum(size);
  }

  protected advance(): void {
    const x = this.input;
    this.window.push(x);
    this.emit(this.window.sum / this.size);
  }

  protected clear(): void {
    this.window.clear();
  }
}

/** Exponential moving average, weight 2 / (n + 1), begun with the simple one. */
export class Ema extends SourceIndicator {
  private readonly average: Smoothing;

  constructor(size: number, source?: Source) {
    super(`ema(${length(size, 'Length of ema')})`, size, source);
    this.average = exponential(size);
  }

  protected advance(): void {
    const x = this.input;
    this.average.push(x);
    this.emit(this.average.value);
  }

  protected clear(): void {
    this.average.clear();
  }
}

/** Wilder's moving average, weight 1 / n, begun with the simple one. */
export class Rma extends SourceIndicator {
  private readonly average: Smoothing;

  constructor(size: number, source?: Source) {
    super(`rma(${length(size, 'Length of rma')})`, size, source);
    this.average = wilder(size);
  }

  protected advance(): void {
    const x = this.input;
    this.average.push(x);
    this.emit(this.average.value);
  }

  protected clear(): void {
    this.average.clear();
  }
}

/** Linearly weighted moving average: the newest value counts n times, the oldest once. */
export class Wma extends SourceIndicator {
  private readonly window: RollingWeighted;

  constructor(size: number, source?: Source) {
    super(`wma(${length(size, 'Length of wma')})`, size, source);
    this.window = new RollingWeighted(size);
  }

  protected advance(): void {
    const x = this.input;
    this.window.push(x);
    this.emit(this.window.mean);
  }

  protected clear(): void {
    this.window.clear();
  }
}

/** Hull's moving average: wma(√n) of 2 × wma(n / 2) - wma(n), halves and roots cut to whole numbers. */
export class Hma extends SourceIndicator {
  private readonly half: RollingWeighted;
  private readonly whole: RollingWeighted;
  private readonly root: RollingWeighted;

  constructor(size: number, source?: Source) {
    super(`hma(${length(size, 'Length of hma', 2)})`, size + Math.floor(Math.sqrt(size)) - 1, source);
    this.half = new RollingWeighted(Math.floor(size / 2));
    this.whole = new RollingWeighted(size);
    this.root = new RollingWeighted(Math.floor(Math.sqrt(size)));
  }

  protected advance(): void {
    const x = this.input;
    this.half.push(x);
    this.whole.push(x);
    if (this.whole.full) this.root.push(2 * this.half.mean - this.whole.mean);
    this.emit(this.root.mean);
  }

  protected clear(): void {
    this.half.clear();
    this.whole.clear();
    this.root.clear();
  }
}

/** Double exponential: 2 × ema - ema of ema. */
export class Dema extends SourceIndicator {
  private readonly first: Smoothing;
  private readonly second: Smoothing;

  constructor(size: number, source?: Source) {
    super(`dema(${length(size, 'Length of dema')})`, 2 * size - 1, source);
    this.first = exponential(size);
    this.second = exponential(size);
  }

  protected advance(): void {
    const x = this.input;
    this.first.push(x);
    if (this.first.ready) this.second.push(this.first.value);
    this.emit(2 * this.first.value - this.second.value);
  }

  protected clear(): void {
    this.first.clear();
    this.second.clear();
  }
}

/** Triple exponential: 3 × ema - 3 × ema of ema + ema of that. */
export class Tema extends SourceIndicator {
  private readonly first: Smoothing;
  private readonly second: Smoothing;
  private readonly third: Smoothing;

  constructor(size: number, source?: Source) {
    super(`tema(${length(size, 'Length of tema')})`, 3 * size - 2, source);
    this.first = exponential(size);
    this.second = exponential(size);
    this.third = exponential(size);
  }

  protected advance(): void {
    const x = this.input;
    this.first.push(x);
    if (this.first.ready) this.second.push(this.first.value);
    if (this.second.ready) this.third.push(this.second.value);
    this.emit(3 * this.first.value - 3 * this.second.value + this.third.value);
  }

  protected clear(): void {
    this.first.clear();
    this.second.clear();
    this.third.clear();
  }
}

/** Kaufman's adaptive average: fast in a trend, slow in noise. Begins at the price before the first full window. */
export class Kama extends SourceIndicator {
  private readonly prices: Ring;
  private readonly noise: RollingSum;
  private readonly fastest: number;
  private readonly slowest: number;
  private average = 0;

  constructor(
    private readonly size: number,
    fast = 2,
    slow = 30,
    source?: Source,
  ) {
    super(
      `kama(${length(size, 'Length of kama')},${length(fast, 'Fast length of kama')},${length(slow, 'Slow length of kama')})`,
      size + 1,
      source,
    );
    this.prices = new Ring(size + 1);
    this.noise = new RollingSum(size);
    this.fastest = 2 / (fast + 1);
    this.slowest = 2 / (slow + 1);
  }

  protected advance(): void {
    const x = this.input;
    const before = this.seen > 1 ? this.prices.at(0) : x;
    this.prices.push(x);
    if (this.seen > 1) this.noise.push(Math.abs(x - before));
    if (this.seen <= this.size) {
      this.average = x;
      return;
    }
    const travelled = this.noise.sum;
    const efficiency = travelled > 0 ? Math.min(1, Math.abs(x - this.prices.at(this.size)) / travelled) : 1;
    const weight = efficiency * (this.fastest - this.slowest) + this.slowest;
    this.average += weight * weight * (x - this.average);
    this.emit(this.average);
  }

  protected clear(): void {
    this.prices.clear();
    this.noise.clear();
    this.average = 0;
  }
}

/** Moving average of closes weighted by volume; the close where nothing was traded. */
export class Vwma extends BarIndicator {
  private readonly traded: RollingSum;
  private readonly volume: RollingSum;

  constructor(size: number) {
    super(`vwma(${length(size, 'Length of vwma')})`, size, true);
    this.traded = new RollingSum(size);
    this.volume = new RollingSum(size);
  }

  protected advance(bar: IndicatorBar): void {
    this.traded.push(bar.close * bar.volume);
    this.volume.push(bar.volume);
    this.emit(this.volume.sum > 0 ? this.traded.sum / this.volume.sum : bar.close);
  }

  protected clear(): void {
    this.traded.clear();
    this.volume.clear();
  }
}
