import { fault } from '../../domain/errors.js';

const CHUNK_BITS = 16;
const CHUNK = 1 << CHUNK_BITS;
const MASK = CHUNK - 1;
const POWERS = Array.from({ length: 16 }, (_, power) => 10 ** power);

/** Numbers of unknown count in pieces of one size: growing never copies what is there. */
export class ChunkedColumn {
  length = 0;
  private readonly chunks: (Float64Array | Int8Array)[] = [];

  constructor(private readonly narrow: boolean) {}

  push(value: number): void {
    this.slots()[this.length & MASK] = value;
    this.length += 1;
  }

  /** The piece that the next value goes into. */
  slots(): Float64Array | Int8Array {
    const index = this.length >>> CHUNK_BITS;
    if (index === this.chunks.length) this.chunks.push(this.narrow ? new Int8Array(CHUNK) : new Float64Array(CHUNK));
    return this.chunks[index] as Float64Array | Int8Array;
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
    return (this.chunks[index >>> CHUNK_BITS] as Float64Array)[index & MASK] as number;
  }

  /** Values from a place on, as many as there is room for. */
  copy(from: number, into: Float64Array | Int8Array | Uint8Array): void {
    for (let done = 0; done < into.length;) {
      const offset = (from + done) & MASK;
      const chunk = this.chunks[(from + done) >>> CHUNK_BITS] as Float64Array;
      const part = chunk.subarray(offset, Math.min(CHUNK, offset + into.length - done));
      into.set(part, done);
      done += part.length;
    }
  }

  set(index: number, value: number): void {
    (this.chunks[index >>> CHUNK_BITS] as Float64Array)[index & MASK] = value;
  }
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
    for (const column of this.columns)
      for (let i = 0; i < column.length; i += 1) column.set(i, this.whole(column.at(i) * factor));
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
