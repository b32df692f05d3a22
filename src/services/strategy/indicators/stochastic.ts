import { BarIndicator, Line, type IndicatorBar } from './indicator.js';
import { length, RollingExtreme, RollingSum } from './kernels.js';

/** Highest high and lowest low of n bars, and where the close stands between them. */
class Reach {
  private readonly highest: RollingExtreme;
  private readonly lowest: RollingExtreme;

  constructor(size: number) {
    this.highest = new RollingExtreme(size, 1);
    this.lowest = new RollingExtreme(size, -1);
  }

  push(bar: IndicatorBar): void {
    this.highest.push(bar.high);
    this.lowest.push(bar.low);
  }

  /** 0 at the lowest low, 1 at the highest high; a half where both are one. */
  place(price: number): number {
    const range = this.highest.value - this.lowest.value;
    return range > 0 ? (price - this.lowest.value) / range : 0.5;
  }

  clear(): void {
    this.highest.clear();
    this.lowest.clear();
  }
}

/** Williams' %R, -100 to 0; -50 without a range. */
export class WilliamsR extends BarIndicator {
  private readonly reach: Reach;

  constructor(size: number) {
    super(`williamsR(${length(size, 'Length of williamsR')})`, size);
    this.reach = new Reach(size);
  }

  protected advance(bar: IndicatorBar): void {
    this.reach.push(bar);
    this.emit(100 * this.reach.place(bar.close) - 100);
  }

  protected clear(): void {
    this.reach.clear();
  }
}

/** Lane's stochastic, 0 to 100: %K averaged over `slowing` bars (`value`), and its own average (`d`). */
export class Stochastic extends BarIndicator {
  readonly d = new Line();
  private readonly reach: Reach;
  private readonly slow: RollingSum;
  private readonly average: RollingSum;

  constructor(
    private readonly size = 14,
    private readonly slowing = 3,
    private readonly smoothing = 3,
  ) {
    super(
      `stochastic(${length(size, 'Length of stochastic')},${length(slowing, 'Slowing of stochastic')},${length(smoothing, 'Smoothing of stochastic')})`,
      size + slowing + smoothing - 2,
    );
    this.reach = new Reach(size);
    this.slow = new RollingSum(slowing);
    this.average = new RollingSum(smoothing);
  }

  protected advance(bar: IndicatorBar): void {
    this.reach.push(bar);
    if (this.seen < this.size) return;
    this.slow.push(100 * this.reach.place(bar.close));
    if (!this.slow.full) return;
    const k = this.slow.sum / this.slowing;
    this.average.push(k);
    if (!this.ready) return;
    this.set(k);
    this.d.set(this.average.sum / this.smoothing);
  }

  protected clear(): void {
    this.reach.clear();
    this.slow.clear();
    this.average.clear();
    this.d.forget();
  }
}
