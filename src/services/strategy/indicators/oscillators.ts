import { BarIndicator, Line, type IndicatorBar } from './indicator.js';
import { length, Ring, RollingExtreme, RollingSum } from './kernels.js';

/** Lambert's commodity channel index on the typical price; 0 without any deviation. */
export class Cci extends BarIndicator {
  private readonly window: RollingSum;

  constructor(private readonly size: number) {
    super(`cci(${length(size, 'Length of cci')})`, size);
    this.window = new RollingSum(size);
  }

  protected advance(bar: IndicatorBar): void {
    const typical = (bar.high + bar.low + bar.close) / 3;
    this.window.push(typical);
    if (!this.ready) return;
    const mean = this.window.sum / this.size;
    let deviation = 0;
    for (let i = 0; i < this.size; i += 1) deviation += Math.abs(this.window.ring.at(i) - mean);
    // Below the rounding of the mean itself there is no deviation.
    this.emit(deviation > 1e-12 * Math.abs(mean) ? (typical - mean) / ((0.015 * deviation) / this.size) : 0);
  }

  protected clear(): void {
    this.window.clear();
  }
}

/** Williams' awesome oscillator: difference of two simple averages of the middle of the bar. */
export class Awesome extends BarIndicator {
  private readonly quick: RollingSum;
  private readonly calm: RollingSum;

  constructor(
    private readonly fast = 5,
    private readonly slow = 34,
  ) {
    super(
      `awesome(${length(fast, 'Fast length of awesome')},${length(slow, 'Slow length of awesome')})`,
      Math.max(fast, slow),
    );
    this.quick = new RollingSum(fast);
    this.calm = new RollingSum(slow);
  }

  protected advance(bar: IndicatorBar): void {
    const middle = (bar.high + bar.low) / 2;
    this.quick.push(middle);
    this.calm.push(middle);
    this.emit(this.quick.sum / this.fast - this.calm.sum / this.slow);
  }

  protected clear(): void {
    this.quick.clear();
    this.calm.clear();
  }
}

/** Williams' ultimate oscillator of three lengths, 0 to 100; a length without any range counts as the middle. */
export class Ultimate extends BarIndicator {
  private readonly pressures: readonly RollingSum[];
  private readonly ranges: readonly RollingSum[];
  private before = 0;

  constructor(short = 7, middle = 14, long = 28) {
    super(
      `ultimate(${length(short, 'Short length of ultimate')},${length(middle, 'Middle length of ultimate')},${length(long, 'Long length of ultimate')})`,
      Math.max(short, middle, long) + 1,
    );
    this.pressures = [short, middle, long].map((size) => new RollingSum(size));
    this.ranges = [short, middle, long].map((size) => new RollingSum(size));
  }

  protected advance(bar: IndicatorBar): void {
    const { before } = this;
    this.before = bar.close;
    if (this.seen === 1) return;
    const low = Math.min(bar.low, before);
    const pressure = bar.close - low;
    const range = Math.max(bar.high, before) - low;
    for (let i = 0; i < 3; i += 1) {
      this.pressures[i]?.push(pressure);
      this.ranges[i]?.push(range);
    }
    if (this.ready) this.emit((100 * (4 * this.share(0) + 2 * this.share(1) + this.share(2))) / 7);
  }

  protected clear(): void {
    for (const window of this.pressures) window.clear();
    for (const window of this.ranges) window.clear();
    this.before = 0;
  }

  private share(index: number): number {
    const range = this.ranges[index]?.sum ?? 0;
    return range > 0 ? (this.pressures[index]?.sum ?? 0) / range : 0.5;
  }
}

/**
 * Ehlers' Fisher transform of where the middle of the bar stands in its range; `trigger` is the value one bar earlier.
 */
export class Fisher extends BarIndicator {
  readonly trigger = new Line();
  private readonly highest: RollingExtreme;
  private readonly lowest: RollingExtreme;
  private place = 0;
  private fisher = 0;

  constructor(private readonly size = 10) {
    super(`fisher(${length(size, 'Length of fisher')})`, size);
    this.highest = new RollingExtreme(size, 1);
    this.lowest = new RollingExtreme(size, -1);
  }

  protected advance(bar: IndicatorBar): void {
    const middle = (bar.high + bar.low) / 2;
    this.highest.push(middle);
    this.lowest.push(middle);
    if (this.seen < this.size) return;
    const range = this.highest.value - this.lowest.value;
    const share = range > 0 ? (middle - this.lowest.value) / range - 0.5 : 0;
    this.place = Math.min(0.999, Math.max(-0.999, 0.66 * share + 0.67 * this.place));
    this.trigger.set(this.fisher);
    this.fisher = 0.5 * Math.log((1 + this.place) / (1 - this.place)) + 0.5 * this.fisher;
    this.emit(this.fisher);
  }

  protected clear(): void {
    this.highest.clear();
    this.lowest.clear();
    this.place = 0;
    this.fisher = 0;
    this.trigger.forget();
  }
}

/**
 * Chande's Aroon: how fresh the newest high (`up`) and low (`down`) of n bars are, 0 to 100; `value` is up less down.
 */
export class Aroon extends BarIndicator {
  readonly up = new Line();
  readonly down = new Line();
  private readonly highest: RollingExtreme;
  private readonly lowest: RollingExtreme;

  constructor(private readonly size = 25) {
    super(`aroon(${length(size, 'Length of aroon')})`, size + 1);
    this.highest = new RollingExtreme(size + 1, 1);
    this.lowest = new RollingExtreme(size + 1, -1);
  }

  protected advance(bar: IndicatorBar): void {
    this.highest.push(bar.high);
    this.lowest.push(bar.low);
    if (!this.ready) return;
    const up = (100 * (this.size - this.highest.age)) / this.size;
    const down = (100 * (this.size - this.lowest.age)) / this.size;
    this.up.set(up);
    this.down.set(down);
    this.set(up - down);
  }

  protected clear(): void {
    this.highest.clear();
    this.lowest.clear();
    this.up.forget();
    this.down.forget();
  }
}

/**
 * Vortex of Botes and Siepman: upward (`plus`) and downward (`minus`) movement over the true range; `value` is their
 * difference.
 */
export class Vortex extends BarIndicator {
  readonly plus = new Line();
  readonly minus = new Line();
  private readonly rising: RollingSum;
  private readonly falling: RollingSum;
  private readonly ranges: RollingSum;
  private readonly bars = new Ring(3);

  constructor(size = 14) {
    super(`vortex(${length(size, 'Length of vortex')})`, size + 1);
    this.rising = new RollingSum(size);
    this.falling = new RollingSum(size);
    this.ranges = new RollingSum(size);
  }

  protected advance(bar: IndicatorBar): void {
    if (this.seen > 1) {
      const high = this.bars.at(2);
      const low = this.bars.at(1);
      const close = this.bars.at(0);
      this.rising.push(Math.abs(bar.high - low));
      this.falling.push(Math.abs(bar.low - high));
      this.ranges.push(Math.max(bar.high, close) - Math.min(bar.low, close));
    }
    this.bars.push(bar.high);
    this.bars.push(bar.low);
    this.bars.push(bar.close);
    if (!this.ready) return;
    const range = this.ranges.sum;
    const plus = range > 0 ? this.rising.sum / range : 1;
    const minus = range > 0 ? this.falling.sum / range : 1;
    this.plus.set(plus);
    this.minus.set(minus);
    this.set(plus - minus);
  }

  protected clear(): void {
    this.rising.clear();
    this.falling.clear();
    this.ranges.clear();
    this.bars.clear();
    this.plus.forget();
    this.minus.forget();
  }
}
