import { fault } from '../../domain/errors.js';

const CHUNK_BITS = 16;
const CHUNK = 1 << CHUNK_BITS;
const MASK = CHUNK - 1;
const POWERS = Array.from({ length: 16 }, (_, power) => 10 ** power);

type Piece = Float64Array | Uint32Array | Uint16Array | Uint8Array | Int8Array;

/** A full piece, as narrow as its values allow: each is `(base + stored) / divisor * factor`, exactly. */
interface Sealed {
  readonly values: Piece;
  readonly base: number;
  readonly divisor: number;
  /** Largest magnitude before the factor; undefined where the values lie as they are. */
  readonly most: number | undefined;
  factor: number;
}

/**
 * Memory of a file for pieces that stay as they are: to make one narrow, and to read it so, costs as much as to read
 * the file. Only what is larger than most files are is kept in fewer bytes.
 */
export class PlainRoom {
  constructor(private left = MOST_PLAIN) {}

  take(): boolean {
    this.left -= 1;
    return this.left >= 0;
  }
}

/** Of half a megabyte each: a million trades and a few more. */
const MOST_PLAIN = 64;

/** Memory for the values of one piece. */
export type Slots = Float64Array | Int8Array;

/**
 * Numbers of unknown count in pieces of one size: growing never copies what is there. A piece that is full is kept in
 * as many bytes as the distance of its least and greatest value needs, whole numbers and microseconds that is.
 */
export class ChunkedColumn {
  length = 0;
  private readonly sealed: Sealed[] = [];
  private open: Slots | undefined;

  constructor(
    private readonly narrow: boolean,
    private readonly plain = new PlainRoom(),
  ) {}

  push(value: number): void {
    this.slots()[this.length & MASK] = value;
    this.length += 1;
  }

  /** The piece that the next value goes into. */
  slots(): Slots {
    const { open, length, sealed } = this;
    if (open !== undefined && length >>> CHUNK_BITS === sealed.length) return open;
    if (open !== undefined) {
      const piece = open instanceof Float64Array && !this.plain.take() ? seal(open) : asItIs(open);
      sealed.push(piece);
      if (piece.values !== open) return open;
    }
    return (this.open = this.narrow ? new Int8Array(CHUNK) : new Float64Array(CHUNK));
  }

  /** How many more values its piece holds. */
  get room(): number {
    return CHUNK - (this.length & MASK);
  }

  /** Values that were put into the piece. */
  grow(count: number): void {
    this.length += count;
  }

  at(index: number): number {
    const piece = this.sealed[index >>> CHUNK_BITS];
    if (piece === undefined) return (this.open as Slots)[index & MASK] as number;
    return ((piece.base + (piece.values[index & MASK] as number)) / piece.divisor) * piece.factor;
  }

  /** Values from a place on, as many as there is room for. */
  copy(from: number, into: Float64Array | Int8Array | Uint8Array): void {
    for (let done = 0; done < into.length;) {
      const offset = (from + done) & MASK;
      const count = Math.min(CHUNK - offset, into.length - done);
      const piece = this.sealed[(from + done) >>> CHUNK_BITS];
      if (piece === undefined) into.set((this.open as Slots).subarray(offset, offset + count), done);
      else unseal(piece, offset, into.subarray(done, done + count));
      done += count;
    }
  }

  /** The same in another order. */
  gather(order: Uint32Array | undefined, from: number, into: Float64Array | Int8Array | Uint8Array): void {
    if (order === undefined) this.copy(from, into);
    else for (let i = 0; i < into.length; i += 1) into[i] = this.at(order[from + i] as number);
  }

  /** Changes the newest value of a narrow column. */
  setLast(value: number): void {
    const last = this.length - 1;
    ((this.sealed[last >>> CHUNK_BITS]?.values ?? this.open) as Slots)[last & MASK] = value;
  }

  /** Multiplies all values. `check` is asked of what is largest, or of each. */
  scale(factor: number, check: (value: number) => number): void {
    for (const piece of this.sealed) {
      if (piece.most === undefined) scaleEach(piece.values, CHUNK, factor, check);
      else {
        check(piece.most * piece.factor * factor);
        piece.factor *= factor;
      }
    }
    const { open } = this;
    if (open !== undefined) scaleEach(open, this.length - this.sealed.length * CHUNK, factor, check);
  }
}

function scaleEach(values: Piece, count: number, factor: number, check: (value: number) => number): void {
  for (let i = 0; i < count; i += 1) values[i] = check((values[i] as number) * factor);
}

/** Times are whole milliseconds or microseconds. */
const DIVISORS = [1, 1_000];

const asItIs = (values: Slots): Sealed => ({ values, base: 0, divisor: 1, factor: 1, most: undefined });

function seal(values: Float64Array): Sealed {
  for (const divisor of DIVISORS) {
    const found = divisor === 1 ? rangeOf(values) : rangeOfScaled(values, divisor);
    const { least, most } = found;
    const range = most - least;
    if (!found.whole || range >= 2 ** 32) continue;
    const above = new Uint32Array(CHUNK);
    if (divisor === 1) for (let i = 0; i < CHUNK; i += 1) above[i] = (values[i] as number) - least;
    else for (let i = 0; i < CHUNK; i += 1) above[i] = Math.round((values[i] as number) * divisor) - least;
    const narrow = range < 2 ** 8 ? new Uint8Array(above) : range < 2 ** 16 ? new Uint16Array(above) : above;
    return { values: narrow, base: least, divisor, factor: 1, most: Math.max(Math.abs(least), Math.abs(most)) };
  }
  return asItIs(values);
}

interface Range {
  readonly least: number;
  readonly most: number;
  /** All are whole numbers within 2^53. */
  readonly whole: boolean;
}

function rangeOf(values: Float64Array): Range {
  let least = Infinity;
  let most = -Infinity;
  for (let i = 0; i < CHUNK; i += 1) {
    const value = values[i] as number;
    if (value !== Math.floor(value)) return { least, most, whole: false };
    if (value < least) least = value;
    if (value > most) most = value;
  }
  return { least, most, whole: least >= -Number.MAX_SAFE_INTEGER && most <= Number.MAX_SAFE_INTEGER };
}

function rangeOfScaled(values: Float64Array, divisor: number): Range {
  let least = Infinity;
  let most = -Infinity;
  for (let i = 0; i < CHUNK; i += 1) {
    const value = values[i] as number;
    const scaled = Math.round(value * divisor);
    if (scaled / divisor !== value) return { least, most, whole: false };
    if (scaled < least) least = scaled;
    if (scaled > most) most = scaled;
  }
  return { least, most, whole: least >= -Number.MAX_SAFE_INTEGER && most <= Number.MAX_SAFE_INTEGER };
}

function unseal({ values, base, divisor, factor }: Sealed, offset: number, into: Piece): void {
  if (base === 0 && divisor === 1 && factor === 1) into.set(values.subarray(offset, offset + into.length));
  else for (let i = 0; i < into.length; i += 1) into[i] = ((base + (values[offset + i] as number)) / divisor) * factor;
}

/**
 * The decimals of several columns on one scale: whole numbers of `10^-decimals`. The scale grows with the finest value
 * seen; what was pushed before is rescaled, exactly.
 */
export class DecimalScale {
  decimals = 0;
  /** How many values were scaled, and how many of them have exactly so many decimals. */
  length = 0;
  readonly withDecimals: number[] = [];

  constructor(
    private readonly columns: readonly ChunkedColumn[],
    private readonly what: string,
  ) {}

  /** The value on the common scale. Throws NUM-001 for one that no double holds exactly there. */
  scaled(mantissa: number, decimals: number): number {
    this.count(decimals);
    if (decimals > this.decimals) this.refine(decimals);
    return decimals === this.decimals ? mantissa : this.whole(mantissa * powerOf(this.decimals - decimals));
  }

  /** Values that were scaled elsewhere: how many have so many decimals. */
  add(withDecimals: ArrayLike<number>): void {
    for (let decimals = 0; decimals < withDecimals.length; decimals += 1) {
      const count = withDecimals[decimals] as number;
      if (count === 0) continue;
      this.length += count;
      this.withDecimals[decimals] = (this.withDecimals[decimals] ?? 0) + count;
    }
  }

  private count(decimals: number): void {
    this.length += 1;
    this.withDecimals[decimals] = (this.withDecimals[decimals] ?? 0) + 1;
  }

  private refine(decimals: number): void {
    const factor = powerOf(decimals - this.decimals);
    for (const column of this.columns) column.scale(factor, (value) => this.whole(value));
    this.decimals = decimals;
  }

  private whole(value: number): number {
    if (!Number.isSafeInteger(value))
      throw fault(
        'NUM-001',
        `The ${this.what} of one file must fit a common exact scale, were up to ${value} of its smallest unit.`,
      );
    return value;
  }
}

const powerOf = (power: number): number => POWERS[power] ?? 10 ** power;
