import { BarIndicator, Line, SourceIndicator, type IndicatorBar, type Source } from './indicator.js';
import { length, Ring, RollingExtreme, wilder, type Smoothing } from './kernels.js';

/**
 * Wilder's directional movement: `plus` and `minus`, 0 to 100; `value` is their difference over their sum, 0 to 100.
 * The sums begin with the first n - 1 movements, as in the libraries in common use.
 */
export class DirectionalMovement extends BarIndicator {
  readonly plus = new Line();
  readonly minus = new Line();
  private readonly before = new Ring(3);
  private rising = 0;
  private falling = 0;
  private range = 0;

  constructor(private readonly size = 14) {
    super(`di(${length(size, 'Length of di', 2)})`, size);
  }

  protected advance(bar: IndicatorBar): void {
    if (this.seen > 1) this.add(bar);
    this.before.push(bar.high);
    this.before.push(bar.low);
    this.before.push(bar.close);
    if (!this.ready) return;
    const plus = this.range > 0 ? (100 * this.rising) / this.range : 0;
    const minus = this.range > 0 ? (100 * this.falling) / this.range : 0;
    this.plus.set(plus);
    this.minus.set(minus);
    this.set(plus + minus > 0 ? (100 * Math.abs(plus - minus)) / (plus + minus) : 0);
  }

  protected clear(): void {
    this.before.clear();
    this.rising = 0;
    this.falling = 0;
    this.range = 0;
    this.plus.forget();
    this.minus.forget();
  }

  private add(bar: IndicatorBar): void {
    const close = this.before.at(0);
    const up = Math.max(0, bar.high - this.before.at(2));
    const down = Math.max(0, this.before.at(1) - bar.low);
    const keep = this.seen > this.size ? 1 - 1 / this.size : 1;
    this.rising = this.rising * keep + (up > down ? up : 0);
    this.falling = this.falling * keep + (down > up ? down : 0);
    this.range = this.range * keep + Math.max(bar.high, close) - Math.min(bar.low, close);
  }
}

/** Wilder's average directional index, 0 to 100, with its two directions. */
export class Adx extends BarIndicator {
  private readonly movement: DirectionalMovement;
  private readonly average: Smoothing;

  constructor(size = 14) {
    super(`adx(${length(size, 'Length of adx', 2)})`, 2 * size - 1);
    this.movement = new DirectionalMovement(size);
    this.average = wilder(size);
  }

  get plus(): Line {
    return this.movement.plus;
  }

  get minus(): Line {
    return this.movement.minus;
  }

  protected advance(bar: IndicatorBar): void {
    this.movement.update(bar);
    if (!this.movement.ready) return;
    this.average.push(this.movement.value);
    this.emit(this.average.value);
  }

  protected clear(): void {
    this.movement.reset();
    this.average.clear();
  }
}

/**
 * Wilder's parabolic stop and reverse. The first direction is that of the second bar's middle against the first's. The
 * stop never enters the range of the two bars before.
 */
export class Psar extends BarIndicator {
  readonly direction = new Line();
  private readonly highs = new Ring(2);
  private readonly lows = new Ring(2);
  private side = 0;
  private extreme = 0;
  private stop = 0;
  private factor = 0;

  constructor(
    private readonly step = 0.02,
    private readonly largest = 0.2,
  ) {
    super(`psar(${step},${largest})`, 2);
  }

  protected advance(bar: IndicatorBar): void {
    if (this.seen === 2) this.begin(bar);
    if (this.seen >= 2) this.follow(bar);
    this.highs.push(bar.high);
    this.lows.push(bar.low);
    if (!this.ready) return;
    this.direction.set(this.side);
    this.set(this.stop);
  }

  protected clear(): void {
    this.highs.clear();
    this.lows.clear();
    this.side = 0;
    this.extreme = 0;
    this.stop = 0;
    this.factor = 0;
    this.direction.forget();
  }

  private begin(bar: IndicatorBar): void {
    const high = this.highs.at(0);
    const low = this.lows.at(0);
    this.side = bar.high + bar.low >= high + low ? 1 : -1;
    this.extreme = this.side > 0 ? high : low;
    this.stop = this.side > 0 ? low : high;
    this.factor = this.step;
  }

  private follow(bar: IndicatorBar): void {
    const { side } = this;
    this.stop += this.factor * (this.extreme - this.stop);
    const near = side > 0 ? this.lows : this.highs;
    for (let i = 0; i < near.count; i += 1) if (side * (this.stop - near.at(i)) > 0) this.stop = near.at(i);
    const best = side > 0 ? bar.high : bar.low;
    if (side * (best - this.extreme) > 0) {
      this.extreme = best;
      this.factor = Math.min(this.largest, this.factor + this.step);
    }
    const worst = side > 0 ? bar.low : bar.high;
    if (side * (worst - this.stop) > 0) return;
    this.side = side > 0 ? -1 : 1;
    this.stop = this.extreme;
    this.extreme = worst;
    this.factor = this.step;
  }
}

/**
 * Hosoda's Ichimoku, not displaced: conversion (`tenkan`), base (`kijun`), and the two leading spans as they are known
 * on this bar (charts draw them `kijun` bars ahead). `value` is conversion less base.
 */
export class Ichimoku extends BarIndicator {
  readonly tenkan = new Line();
  readonly kijun = new Line();
  readonly spanA = new Line();
  readonly spanB = new Line();
  private readonly tops: readonly RollingExtreme[];
  private readonly floors: readonly RollingExtreme[];

  constructor(conversion = 9, base = 26, span = 52) {
    super(
      `ichimoku(${length(conversion, 'Conversion length of ichimoku')},${length(base, 'Base length of ichimoku')},${length(span, 'Span length of ichimoku')})`,
      Math.max(conversion, base, span),
    );
    this.tops = [conversion, base, span].map((size) => new RollingExtreme(size, 1));
    this.floors = [conversion, base, span].map((size) => new RollingExtreme(size, -1));
  }

  protected advance(bar: IndicatorBar): void {
    for (let i = 0; i < 3; i += 1) {
      this.tops[i]?.push(bar.high);
      this.floors[i]?.push(bar.low);
    }
    if (!this.ready) return;
    const tenkan = this.middle(0);
    const kijun = this.middle(1);
    this.tenkan.set(tenkan);
    this.kijun.set(kijun);
    this.spanA.set((tenkan + kijun) / 2);
    this.spanB.set(this.middle(2));
    this.set(tenkan - kijun);
  }

  protected clear(): void {
    for (const extreme of [...this.tops, ...this.floors]) extreme.clear();
    for (const line of [this.tenkan, this.kijun, this.spanA, this.spanB]) line.forget();
  }

  private middle(index: number): number {
    return ((this.tops[index]?.value ?? Number.NaN) + (this.floors[index]?.value ?? Number.NaN)) / 2;
  }
}

/**
 * Close (`value`) and `open` of Heikin-Ashi bars: the mean of the bar, and the middle of the bar of this kind before.
 */
export class HeikinAshi extends BarIndicator {
  readonly open = new Line();
  private opened = 0;
  private closed = 0;

  constructor() {
    super('heikinAshi()', 1);
  }

  protected advance(bar: IndicatorBar): void {
    this.opened = this.seen === 1 ? (bar.open + bar.close) / 2 : (this.opened + this.closed) / 2;
    this.closed = (bar.open + bar.high + bar.low + bar.close) / 4;
    this.open.set(this.opened);
    this.set(this.closed);
  }

  protected clear(): void {
    this.opened = 0;
    this.closed = 0;
    this.open.forget();
  }
}

/** Straight line of least squares through n values: its end (`value`) and its `slope` for one bar. */
export class LinearRegression extends SourceIndicator {
  readonly slope = new Line();
  private readonly values: Ring;
  private sum = 0;
  private moment = 0;

  constructor(
    private readonly size: number,
    source?: Source,
  ) {
    super(`linearRegression(${length(size, 'Length of linearRegression', 2)})`, size, source);
    this.values = new Ring(size);
  }

  protected advance(): void {
    const x = this.input;
    const { values, size } = this;
    const place = values.full ? size - 1 : values.count;
    if (values.full) this.moment -= this.sum - values.at(size - 1);
    values.push(x);
    this.sum += x - values.dropped;
    this.moment += place * x;
    if (values.wrapped) this.recount();
    if (!this.ready) return;
    const mean = (size - 1) / 2;
    const slope = (this.moment - mean * this.sum) / ((size * (size * size - 1)) / 12);
    this.slope.set(slope);
    this.set(this.sum / size + slope * mean);
  }

  protected clear(): void {
    this.values.clear();
    this.sum = 0;
    this.moment = 0;
    this.slope.forget();
  }

  private recount(): void {
    this.sum = 0;
    this.moment = 0;
    for (let i = 0; i < this.size; i += 1) {
      const x = this.values.at(this.size - 1 - i);
      this.sum += x;
      this.moment += i * x;
    }
  }
}

/** Slope of the straight line through n values, for one bar. */
export class LinearSlope extends SourceIndicator {
  private readonly line: LinearRegression;

  constructor(size: number, source?: Source) {
    super(`linearSlope(${length(size, 'Length of linearSlope', 2)})`, size, source);
    this.line = new LinearRegression(size);
  }

  protected advance(): void {
    const x = this.input;
    this.line.push(x);
    this.emit(this.line.slope.value);
  }

  protected clear(): void {
    this.line.reset();
  }
}
