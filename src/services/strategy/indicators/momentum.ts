import { Line, SourceIndicator, type Source } from './indicator.js';
import { exponential, length, Ring, RollingExtreme, RollingSum, wilder, type Smoothing } from './kernels.js';

/**
 * Wilder's relative strength index (New Concepts in Technical Trading Systems, 1978), 0 to 100; 100 without losses.
 */
export class Rsi extends SourceIndicator {
  private readonly gains: Smoothing;
  private readonly losses: Smoothing;
  private before = 0;

  constructor(size: number, source?: Source) {
    super(`rsi(${length(size, 'Length of rsi')})`, size + 1, source);
    this.gains = wilder(size);
    this.losses = wilder(size);
  }

  protected advance(): void {
    const x = this.input;
    if (this.seen > 1) {
      this.gains.push(Math.max(0, x - this.before));
      this.losses.push(Math.max(0, this.before - x));
    }
    this.before = x;
    this.emit(this.losses.value === 0 ? 100 : 100 - 100 / (1 + this.gains.value / this.losses.value));
  }

  protected clear(): void {
    this.gains.clear();
    this.losses.clear();
    this.before = 0;
  }
}

/** Below this, an index of 0 to 100 has not moved: what is left is rounding. */
const NO_RANGE = 1e-9;

/**
 * Where the relative strength index stands in its own range of `window` bars, 0 to 1; 0 where that range is nothing.
 */
export class StochRsi extends SourceIndicator {
  private readonly rsi: Rsi;
  private readonly highest: RollingExtreme;
  private readonly lowest: RollingExtreme;

  constructor(size: number, window = size, source?: Source) {
    super(`stochRsi(${size},${length(window, 'Window of stochRsi')})`, size + window, source);
    this.rsi = new Rsi(size);
    this.highest = new RollingExtreme(window, 1);
    this.lowest = new RollingExtreme(window, -1);
  }

  protected advance(): void {
    const x = this.input;
    this.rsi.push(x);
    if (!this.rsi.ready) return;
    this.highest.push(this.rsi.value);
    this.lowest.push(this.rsi.value);
    const range = this.highest.value - this.lowest.value;
    this.emit(range > NO_RANGE ? (this.rsi.value - this.lowest.value) / range : 0);
  }

  protected clear(): void {
    this.rsi.reset();
    this.highest.clear();
    this.lowest.clear();
  }
}

/** Difference of two exponential averages (`value`), its own average (`signal`) and their difference (`histogram`). */
export class Macd extends SourceIndicator {
  readonly signal = new Line();
  readonly histogram = new Line();
  private readonly fast: Smoothing;
  private readonly slow: Smoothing;
  private readonly average: Smoothing;

  constructor(fast = 12, slow = 26, signal = 9, source?: Source) {
    super(
      `macd(${length(fast, 'Fast length of macd')},${length(slow, 'Slow length of macd')},${length(signal, 'Signal length of macd')})`,
      Math.max(fast, slow) + signal - 1,
      source,
    );
    this.fast = exponential(fast);
    this.slow = exponential(slow);
    this.average = exponential(signal);
  }

  protected advance(): void {
    const x = this.input;
    this.fast.push(x);
    this.slow.push(x);
    if (!this.fast.ready || !this.slow.ready) return;
    const difference = this.fast.value - this.slow.value;
    this.average.push(difference);
    if (!this.ready) return;
    this.set(difference);
    this.signal.set(this.average.value);
    this.histogram.set(difference - this.average.value);
  }

  protected clear(): void {
    this.fast.clear();
    this.slow.clear();
    this.average.clear();
    this.signal.forget();
    this.histogram.forget();
  }
}

/** Difference of two exponential averages in percent of the slow one. */
export class Ppo extends SourceIndicator {
  private readonly fast: Smoothing;
  private readonly slow: Smoothing;

  constructor(fast = 12, slow = 26, source?: Source) {
    super(
      `ppo(${length(fast, 'Fast length of ppo')},${length(slow, 'Slow length of ppo')})`,
      Math.max(fast, slow),
      source,
    );
    this.fast = exponential(fast);
    this.slow = exponential(slow);
  }

  protected advance(): void {
    const x = this.input;
    this.fast.push(x);
    this.slow.push(x);
    this.emit(this.slow.value === 0 ? 0 : (100 * (this.fast.value - this.slow.value)) / this.slow.value);
  }

  protected clear(): void {
    this.fast.clear();
    this.slow.clear();
  }
}

/** Change over n bars, as the difference. */
export class Momentum extends SourceIndicator {
  private readonly prices: Ring;

  constructor(
    private readonly size: number,
    source?: Source,
  ) {
    super(`momentum(${length(size, 'Length of momentum')})`, size + 1, source);
    this.prices = new Ring(size + 1);
  }

  protected advance(): void {
    const x = this.input;
    this.prices.push(x);
    this.emit(x - this.prices.at(this.size));
  }

  protected clear(): void {
    this.prices.clear();
  }
}

/** Change over n bars, in percent; 0 from a price of nothing. */
export class Roc extends SourceIndicator {
  private readonly prices: Ring;

  constructor(
    private readonly size: number,
    source?: Source,
  ) {
    super(`roc(${length(size, 'Length of roc')})`, size + 1, source);
    this.prices = new Ring(size + 1);
  }

  protected advance(): void {
    const x = this.input;
    this.prices.push(x);
    const before = this.prices.at(this.size);
    this.emit(before === 0 ? 0 : (100 * (x - before)) / before);
  }

  protected clear(): void {
    this.prices.clear();
  }
}

/** Change from bar to bar of a triple exponential average, in percent. */
export class Trix extends SourceIndicator {
  private readonly first: Smoothing;
  private readonly second: Smoothing;
  private readonly third: Smoothing;

  constructor(size: number, source?: Source) {
    super(`trix(${length(size, 'Length of trix')})`, 3 * size - 1, source);
    this.first = exponential(size);
    this.second = exponential(size);
    this.third = exponential(size);
  }

  protected advance(): void {
    const x = this.input;
    const before = this.third.value;
    this.first.push(x);
    if (this.first.ready) this.second.push(this.first.value);
    if (this.second.ready) this.third.push(this.second.value);
    this.emit(before === 0 ? 0 : (100 * (this.third.value - before)) / before);
  }

  protected clear(): void {
    this.first.clear();
    this.second.clear();
    this.third.clear();
  }
}

/** Chande's momentum oscillator: gains less losses over both, -100 to 100; 0 without either. */
export class Cmo extends SourceIndicator {
  private readonly gains: RollingSum;
  private readonly losses: RollingSum;
  private before = 0;

  constructor(size: number, source?: Source) {
    super(`cmo(${length(size, 'Length of cmo')})`, size + 1, source);
    this.gains = new RollingSum(size);
    this.losses = new RollingSum(size);
  }

  protected advance(): void {
    const x = this.input;
    if (this.seen > 1) {
      this.gains.push(Math.max(0, x - this.before));
      this.losses.push(Math.max(0, this.before - x));
    }
    this.before = x;
    const moved = this.gains.sum + this.losses.sum;
    this.emit(moved > 0 ? (100 * (this.gains.sum - this.losses.sum)) / moved : 0);
  }

  protected clear(): void {
    this.gains.clear();
    this.losses.clear();
    this.before = 0;
  }
}
