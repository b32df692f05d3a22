import type { Instrument } from '../../domain/instrument.js';
import { fault } from '../../domain/errors.js';
import { marks, type MarkUnits } from '../../domain/units.js';
import type { Series, ValueRange } from '../../ports/runtime-state/series.js';
import type { BarView } from '../../ports/core-services/simulated-exchange.js';
import type { MarkWindow } from '../../ports/runtime-state/window-store.js';

/**
 * Newest marks of one instrument in a typed array; the oldest is overwritten. Serves as mark window and as series, so
 * that what reads one is fast on the other. The object stays the same when it grows or restarts: views never go stale.
 */
export class MarkRing implements MarkWindow, Series {
  /** The bars whose closes a series takes, where it takes any. */
  bar: BarView | undefined = undefined;
  private values: Float64Array;
  /** By number of the value: those that a life begins with. */
  private ranges: Map<number, ValueRange> | undefined = undefined;
  private newest = -1;
  // A plain number, never undefined: V8 then updates the field in place instead of boxing a new one per mark.
  private newestAt = Number.NaN;
  private held = 0;
  private appended = 0;

  /** `intervalMs` is 0 for a window, which keeps every mark. Throws CFG-006 for a capacity below one. */
  constructor(
    private of: Instrument,
    capacity: number,
    private every = 0,
  ) {
    this.values = new Float64Array(checkedCapacity(capacity));
  }

  get instrument(): Instrument {
    return this.of;
  }

  get intervalMs(): number {
    return this.every;
  }

  get length(): number {
    return this.held;
  }

  get capacity(): number {
    return this.values.length;
  }

  get count(): number {
    return this.appended;
  }

  get last(): MarkUnits | undefined {
    return this.held === 0 ? undefined : marks(this.values[this.newest] ?? Number.NaN);
  }

  get lastAt(): number | undefined {
    return this.held === 0 ? undefined : this.newestAt;
  }

  at(back: number): MarkUnits {
    if (!(back >= 0 && back < this.held)) throw outside(back, this.held);
    const index = this.newest - back;
    const value = this.values[index < 0 ? index + this.values.length : index];
    if (value === undefined) throw outside(back, this.held);
    return marks(value);
  }

  rangeAt(back: number): ValueRange | undefined {
    return this.ranges?.get(this.appended - back);
  }

  /** What lay before the newest value. */
  remember(range: ValueRange): void {
    this.ranges ??= new Map();
    this.ranges.set(this.appended, range);
  }

  /** Throws NUM-001 or TIME-001 for what must not enter; asked before the ring is touched. */
  check(mark: MarkUnits, at: number): void {
    if (!(mark > 0 && Number.isSafeInteger(mark)))
      throw fault('NUM-001', `Mark of ${this.of.symbol} must be a positive whole number, was ${mark}.`);
    if (!Number.isFinite(at))
      throw fault('TIME-001', `Time of a mark of ${this.of.symbol} must be epoch milliseconds, was ${at}.`);
  }

  /** Appends a checked mark. Cannot fail and allocates nothing. */
  push(mark: MarkUnits, at: number): void {
    this.newest = this.newest + 1 === this.values.length ? 0 : this.newest + 1;
    this.values[this.newest] = mark;
    this.newestAt = at;
    if (this.held < this.values.length) this.held += 1;
    this.appended += 1;
  }

  /**
   * Checks and appends several, in order: rows `from` to before `to` of a column, each of `scale` mark units, the last
   * at `at`.
   */
  pushAll(prices: Float64Array, scale: number, from: number, to: number, at: number): void {
    for (let row = from; row < to; row += 1) {
      const mark = (prices[row] as number) * scale;
      if (!(mark > 0 && Number.isSafeInteger(mark))) this.check(marks(mark), at);
    }
    this.check(marks(1), at);
    const { values } = this;
    let { newest } = this;
    for (let row = from; row < to; row += 1) {
      newest = newest + 1 === values.length ? 0 : newest + 1;
      values[newest] = (prices[row] as number) * scale;
    }
    this.newest = newest;
    this.newestAt = at;
    this.held = Math.min(values.length, this.held + to - from);
    this.appended += to - from;
  }

  /** Makes room for at least `capacity` marks and keeps those it has; never shrinks. */
  grow(capacity: number): void {
    if (checkedCapacity(capacity) <= this.values.length) return;
    const larger = new Float64Array(capacity);
    for (let i = 0; i < this.held; i += 1) larger[i] = this.at(this.held - 1 - i);
    this.values = larger;
    this.newest = this.held - 1;
  }

  /**
   * Takes a newer description of the instrument or another interval. Values on another price scale or of another
   * interval mean something else, so they are forgotten; `count` goes on, for readers that watch it.
   */
  redefine(instrument: Instrument, intervalMs = 0): void {
    if (!sameScale(instrument, this.of) || intervalMs !== this.every) {
      this.held = 0;
      this.newest = -1;
      this.ranges = undefined;
    }
    this.of = instrument;
    this.every = intervalMs;
  }

  /** Oldest first; a copy. */
  toArray(): MarkUnits[] {
    return Array.from({ length: this.held }, (_, i) => this.at(this.held - 1 - i));
  }
}

const sameScale = (a: Instrument, b: Instrument): boolean =>
  a === b || (a.marksPerTick === b.marksPerTick && a.spec.tick.eq(b.spec.tick));

const outside = (back: number, length: number): RangeError =>
  new RangeError(`Index into the newest marks must be a whole number below ${length}, was ${back}.`);

function checkedCapacity(capacity: number): number {
  if (!(Number.isSafeInteger(capacity) && capacity > 0))
    throw fault('CFG-006', `Capacity of a window must be a positive whole number, was ${capacity}.`);
  return capacity;
}
