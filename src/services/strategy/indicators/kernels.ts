import { fault } from '../../../domain/errors.js';

/** Refuses, with CFG-002, a length that is no whole number of at least `least`. */
export function length(value: number, what: string, least = 1): number {
  if (Number.isSafeInteger(value) && value >= least && value <= 1_000_000) return value;
  throw fault('CFG-002', `${what} must be a whole number from ${least} to 1000000, was ${value}.`);
}

/** The newest `size` numbers. */
export class Ring {
  private readonly values: Float64Array;
  private next = 0;
  count = 0;
  /** What the last push took out; 0 while it was filling up. */
  dropped = 0;

  constructor(readonly size: number) {
    this.values = new Float64Array(size);
  }

  /** True right after the oldest place was written: once in `size` pushes. */
  get wrapped(): boolean {
    return this.next === 0;
  }

  get full(): boolean {
    return this.count === this.size;
  }

  push(x: number): void {
    this.dropped = this.count === this.size ? (this.values[this.next] as number) : 0;
    this.values[this.next] = x;
    this.next = this.next + 1 === this.size ? 0 : this.next + 1;
    if (this.count < this.size) this.count += 1;
  }

  /** `at(0)` is the newest. */
  at(back: number): number {
    const index = this.next - 1 - back;
    return this.values[index < 0 ? index + this.size : index] as number;
  }

  clear(): void {
    this.next = 0;
    this.count = 0;
    this.dropped = 0;
    this.values.fill(0);
  }
}

/**
 * Sum of the newest numbers. Added up anew once in every turn of the ring, so that rounding does not pile up; a window
 * of zeros sums to zero exactly, whatever was in it before.
 */
export class RollingSum {
  readonly ring: Ring;
  sum = 0;
  private others = 0;

  constructor(readonly size: number) {
    this.ring = new Ring(size);
  }

  get full(): boolean {
    return this.ring.full;
  }

  push(x: number): void {
    const { ring } = this;
    ring.push(x);
    if (x !== 0) this.others += 1;
    if (ring.dropped !== 0) this.others -= 1;
    if (this.others === 0) this.sum = 0;
    else if (ring.wrapped) this.recount();
    else this.sum += x - ring.dropped;
  }

  clear(): void {
    this.ring.clear();
    this.sum = 0;
    this.others = 0;
  }

  private recount(): void {
    this.sum = 0;
    for (let i = this.ring.count - 1; i >= 0; i -= 1) this.sum += this.ring.at(i);
  }
}

/**
 * Mean of the newest numbers and the sum of their squared distances from it. The distances are added up anew at every
 * push: kept along, they would be lost in the rounding of the squares after a jump.
 */
export class RollingMoments {
  mean = 0;
  /** Exactly 0 where all numbers are one. */
  spread = 0;
  private readonly window: RollingSum;

  constructor(readonly size: number) {
    this.window = new RollingSum(size);
  }

  push(x: number): void {
    const { window } = this;
    window.push(x);
    const { count } = window.ring;
    const mean = window.sum / count;
    let spread = 0;
    let moves = false;
    for (let i = 0; i < count; i += 1) {
      const value = window.ring.at(i);
      spread += (value - mean) * (value - mean);
      if (value !== x) moves = true;
    }
    this.mean = moves ? mean : x;
    this.spread = moves ? spread : 0;
  }

  clear(): void {
    this.window.clear();
    this.mean = 0;
    this.spread = 0;
  }
}

/**
 * Largest (sign 1) or smallest (sign -1) of the newest numbers, in constant time on average. Of equal ones, the newest.
 */
export class RollingExtreme {
  private readonly values: Float64Array;
  private readonly times: Float64Array;
  private head = 0;
  private held = 0;
  private time = 0;

  constructor(
    readonly size: number,
    private readonly sign: 1 | -1,
  ) {
    this.values = new Float64Array(size);
    this.times = new Float64Array(size);
  }

  push(x: number): void {
    this.time += 1;
    if (this.held > 0 && (this.times[this.head] as number) <= this.time - this.size) this.dropHead();
    while (this.held > 0 && this.sign * (this.values[this.place(this.held - 1)] as number) <= this.sign * x)
      this.held -= 1;
    const place = this.place(this.held);
    this.values[place] = x;
    this.times[place] = this.time;
    this.held += 1;
  }

  get value(): number {
    return this.values[this.head] as number;
  }

  /** Bars since it was set; 0 on the bar that set it. */
  get age(): number {
    return this.time - (this.times[this.head] as number);
  }

  clear(): void {
    this.head = 0;
    this.held = 0;
    this.time = 0;
    this.values.fill(0);
    this.times.fill(0);
  }

  private dropHead(): void {
    this.head = this.head + 1 === this.size ? 0 : this.head + 1;
    this.held -= 1;
  }

  private place(offset: number): number {
    const index = this.head + offset;
    return index >= this.size ? index - this.size : index;
  }
}

/** Smoothing that starts with the mean of the first `size` numbers. `ready` once it has. */
export class Smoothing {
  value = 0;
  count = 0;

  constructor(
    readonly size: number,
    private readonly weight: number,
  ) {}

  get ready(): boolean {
    return this.count >= this.size;
  }

  push(x: number): void {
    this.count += 1;
    if (this.count < this.size) this.value += x;
    else if (this.count === this.size) this.value = (this.value + x) / this.size;
    else this.value += this.weight * (x - this.value);
  }

  clear(): void {
    this.value = 0;
    this.count = 0;
  }
}

/** Exponential: weight 2 / (n + 1). */
export const exponential = (size: number): Smoothing => new Smoothing(size, 2 / (size + 1));
/** Wilder's: weight 1 / n. */
export const wilder = (size: number): Smoothing => new Smoothing(size, 1 / size);

/** Linearly weighted mean of the newest numbers, the newest counted `size` times. */
export class RollingWeighted {
  readonly ring: Ring;
  private sum = 0;
  private weighted = 0;
  private readonly weights: number;

  constructor(readonly size: number) {
    this.ring = new Ring(size);
    this.weights = (size * (size + 1)) / 2;
  }

  get full(): boolean {
    return this.ring.full;
  }

  get mean(): number {
    return this.weighted / this.weights;
  }

  push(x: number): void {
    const { ring } = this;
    const full = ring.full;
    ring.push(x);
    if (!full) {
      this.sum += x;
      this.weighted += ring.count * x;
      return;
    }
    if (ring.wrapped) {
      this.recount();
      return;
    }
    this.weighted += this.size * x - this.sum;
    this.sum += x - ring.dropped;
  }

  clear(): void {
    this.ring.clear();
    this.sum = 0;
    this.weighted = 0;
  }

  private recount(): void {
    this.sum = 0;
    this.weighted = 0;
    for (let i = this.size - 1; i >= 0; i -= 1) {
      const x = this.ring.at(i);
      this.sum += x;
      this.weighted += (this.size - i) * x;
    }
  }
}
