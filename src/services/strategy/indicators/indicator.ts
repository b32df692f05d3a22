import { Decimal } from '../../../domain/decimal.js';
import { fault } from '../../../domain/errors.js';
import { refusing } from '../refusing.js';
import { restoreState, stateOf, type IndicatorState } from './state.js';

/**
 * One bar as indicators read it: plain numbers, NaN where something is not known. Reused by its owner: copy what you
 * keep.
 */
export interface IndicatorBar {
  /** Close of the bar, epoch milliseconds. */
  readonly at: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  /** Traded size; NaN is not known, 0 is no trade. */
  readonly volume: number;
}

/** Which number of a bar an indicator of one input reads. */
export type Source = 'open' | 'high' | 'low' | 'close' | 'hl2' | 'hlc3' | 'ohlc4' | 'volume';

/** A number that moves from bar to bar. NaN until it is ready. Where JavaScript wants a number, it is its value. */
export class Line {
  value = Number.NaN;
  /** The value one bar earlier. */
  previous = Number.NaN;

  /**
   * True on the bar on which this line came above the other: at or below it before, above it now. Unknown numbers never
   * cross.
   */
  crossedAbove(other: Line | number): boolean {
    if (typeof other === 'number') return this.previous <= other && this.value > other;
    if (other.previous === undefined) return this.crossedAbove(numberOf(other));
    return this.previous <= other.previous && this.value > other.value;
  }

  /** True on the bar on which this line came below the other: at or above it before, below it now. */
  crossedBelow(other: Line | number): boolean {
    if (typeof other === 'number') return this.previous >= other && this.value < other;
    if (other.previous === undefined) return this.crossedBelow(numberOf(other));
    return this.previous >= other.previous && this.value < other.value;
  }

  [Symbol.toPrimitive](hint: string): number | string {
    return hint === 'string' ? String(this.value) : this.value;
  }

  /** For the indicator the line belongs to. */
  set(value: number): void {
    this.previous = this.value;
    this.value = value;
  }

  forget(): void {
    this.value = Number.NaN;
    this.previous = Number.NaN;
  }
}

/** What a line crosses where it is neither a number nor a line: a parameter may be a decimal. */
function numberOf(other: unknown): number {
  if (Decimal.isDecimal(other)) return other.toNumber();
  throw fault('STRAT-004', `A line must cross a number or a line, was given ${typeof other}.`, {
    fix: 'Name the line: bands.lower, macd.signal.',
  });
}

/** Indicators that a strategy was given by the factory. One of a host's own may read what it has not set yet. */
const GIVEN = new WeakSet();

/** The same indicator: what it is asked for and does not have, it refuses. */
export function given<I extends Indicator>(indicator: I): I {
  GIVEN.add(indicator);
  return indicator;
}

Object.setPrototypeOf(
  Line.prototype,
  refusing('A line', (object) => object.constructor === Line || GIVEN.has(object)),
);

/**
 * What every indicator is: bars in, one at a time, oldest first; a number out. `value` is NaN until `warmUp` bars have
 * been seen and a finite number from then on. A bar whose needed numbers are not all finite makes it start again from
 * nothing: a gap in what is known is never bridged.
 */
export abstract class Indicator extends Line {
  /** Bars in a row it has seen since it last started. */
  seen = 0;

  constructor(
    /** As in `ema(12)`. */
    readonly name: string,
    /** Bars it takes to the first value. */
    readonly warmUp: number,
  ) {
    super();
  }

  get ready(): boolean {
    return this.seen >= this.warmUp;
  }

  /** Takes the next bar. Allocates nothing. */
  abstract update(bar: IndicatorBar): void;

  /** Takes a single price (a mark, a close) as a bar of one price and no known volume. */
  push(price: number, at = Number.NaN): void {
    SINGLE.at = at;
    SINGLE.open = price;
    SINGLE.high = price;
    SINGLE.low = price;
    SINGLE.close = price;
    this.update(SINGLE);
  }

  /** Back to nothing seen. */
  reset(): void {
    this.seen = 0;
    this.forget();
    this.clear();
  }

  /** Everything it remembers, as plain JSON. */
  snapshot(): IndicatorState {
    return stateOf(this);
  }

  /** Goes on where a snapshot of the same indicator ended. Throws STORE-001 for one of another. */
  restore(state: IndicatorState): void {
    restoreState(this, state, this.name);
  }

  protected abstract clear(): void;

  /** The value of this bar; kept back until the warm-up is over. */
  protected emit(value: number): void {
    if (this.seen >= this.warmUp) this.set(value);
  }
}

/** An indicator of one number a bar. */
export abstract class SourceIndicator extends Indicator {
  /** The number of the bar being taken. A field, because an argument would be boxed. */
  protected input = Number.NaN;

  constructor(
    name: string,
    warmUp: number,
    private readonly source: Source = 'close',
  ) {
    super(source === 'close' ? name : `${name.slice(0, -1)},${source})`, warmUp);
  }

  update(bar: IndicatorBar): void {
    const x = this.source === 'close' ? bar.close : pick(bar, this.source);
    if (!Number.isFinite(x)) {
      this.reset();
      return;
    }
    this.seen += 1;
    this.input = x;
    this.advance();
  }

  protected abstract advance(): void;
}

/** An indicator of whole bars. */
export abstract class BarIndicator extends Indicator {
  constructor(
    name: string,
    warmUp: number,
    private readonly usesVolume = false,
  ) {
    super(name, warmUp);
  }

  update(bar: IndicatorBar): void {
    const known = bar.open + bar.high + bar.low + bar.close;
    if (!Number.isFinite(known) || (this.usesVolume && !(bar.volume >= 0 && bar.volume < Number.POSITIVE_INFINITY))) {
      this.reset();
      return;
    }
    this.seen += 1;
    this.advance(bar);
  }

  protected abstract advance(bar: IndicatorBar): void;
}

function pick(bar: IndicatorBar, source: Exclude<Source, 'close'>): number {
  switch (source) {
    case 'open':
      return bar.open;
    case 'high':
      return bar.high;
    case 'low':
      return bar.low;
    case 'volume':
      return bar.volume;
    case 'hl2':
      return (bar.high + bar.low) / 2;
    case 'hlc3':
      return (bar.high + bar.low + bar.close) / 3;
    case 'ohlc4':
      return (bar.open + bar.high + bar.low + bar.close) / 4;
  }
}

/** One bar object for every single price: `update` copies what it keeps. */
const SINGLE = {
  at: Number.NaN,
  open: Number.NaN,
  high: Number.NaN,
  low: Number.NaN,
  close: Number.NaN,
  volume: Number.NaN,
};
