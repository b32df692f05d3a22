const BLOCK = 128;
const MINIBLOCKS = 4;
const EACH = BLOCK / MINIBLOCKS;
/** Beyond it the distance of two distances is no whole double any more. */
const LONGEST = 2 ** 52;
const WORD_BITS = 32;
const LOW_BITS = 24;
const LOW = 2 ** LOW_BITS;
/** Bytes of a block at most: its least distance, its widths, and values of 54 bits. */
const MOST_BYTES = 10 + MINIBLOCKS + BLOCK * 8;

/** Numbers of a column: what is stored of each is the whole number that it makes times a factor. */
export interface Stored {
  readonly values: ArrayLike<number>;
  readonly factor: number;
  /** The product is not exact: the whole number nearest to it is meant. */
  readonly rounds: boolean;
}

/**
 * Parquet's DELTA_BINARY_PACKED for whole doubles, without a BigInt for each: the same bytes as hyparquet-writer's, in
 * a tenth of the time.
 */
export class DeltaPack {
  private bytes = new Uint8Array(1 << 16);
  private view = new DataView(this.bytes.buffer);
  private length = 0;
  /** Of a block: what is stored. */
  private readonly scaled = new Float64Array(BLOCK);
  private readonly deltas = new Float64Array(BLOCK);
  /** The same where 32 bits hold each, as nearly always. */
  private readonly words = new Int32Array(BLOCK);
  /** Narrow columns as doubles: one kind of array, or none of the loops is compiled for its own. */
  private room = new Float64Array(0);
  private readonly widths = new Uint8Array(MINIBLOCKS);
  /** Of what was stored last: the newest, the least and the greatest. */
  private newest = 0;
  least = 0;
  most = 0;

  /**
   * The page of some values, which lives until the next call. Undefined where a stored one is no whole number within
   * 2^53, and where two neighbours lie more than 2^52 apart.
   */
  pack(column: Stored, from: number, to: number): Uint8Array | undefined {
    const { factor, rounds } = column;
    const values = this.doubles(column.values);
    const first = (values[from] as number) * factor;
    this.newest = this.least = this.most = rounds ? Math.round(first) : first;
    if (!Number.isSafeInteger(this.newest)) return undefined;
    this.length = 0;
    this.varint(BLOCK);
    this.varint(MINIBLOCKS);
    this.varint(to - from);
    this.zigzag(this.newest);
    for (let at = from + 1; at < to; at += BLOCK) {
      if (this.length + MOST_BYTES > this.bytes.length) this.widen();
      const end = Math.min(to, at + BLOCK);
      if (rounds) scaleRounded(values, factor, at, end, this.scaled);
      else scale(values, factor, at, end, this.scaled);
      if (!this.near(end - at) && !this.far(end - at)) return undefined;
    }
    return this.bytes.subarray(0, this.length);
  }

  private doubles(values: Stored['values']): Float64Array {
    if (values instanceof Float64Array) return values;
    if (this.room.length < values.length) this.room = new Float64Array(values.length);
    this.room.set(values);
    return this.room;
  }

  /** A block whose distances are whole numbers of 32 bits; false, with nothing written, where one is not. */
  private near(count: number): boolean {
    const { scaled, words } = this;
    let least = 0x7fffffff;
    let most = -0x80000000;
    let [lowest, highest, before] = [this.least, this.most, this.newest];
    for (let i = 0; i < count; i += 1) {
      const value = scaled[i] as number;
      const delta = (value - before) | 0;
      // What is no whole number, or too far away, is not where this distance leads to.
      if (before + delta !== value) return false;
      before = value;
      words[i] = delta;
      if (delta < least) least = delta;
      if (delta > most) most = delta;
      if (value < lowest) lowest = value;
      if (value > highest) highest = value;
    }
    if (lowest < -Number.MAX_SAFE_INTEGER || highest > Number.MAX_SAFE_INTEGER) return false;
    [this.least, this.most, this.newest] = [lowest, highest, before];
    this.zigzag(least);
    const start = this.length;
    this.length += MINIBLOCKS;
    for (let mini = 0; mini < MINIBLOCKS; mini += 1)
      this.bytes[start + mini] = this.nearBits(mini * EACH, count, least);
    return true;
  }

  /** Writes the bits of a miniblock: how many each value has. */
  private nearBits(first: number, count: number, least: number): number {
    const { words, view } = this;
    const stop = first + EACH;
    let bitsOfAll = 0;
    for (let i = first; i < stop; i += 1) {
      // A miniblock is always full: zeros follow the last value.
      const above = i < count ? ((words[i] as number) - least) | 0 : 0;
      words[i] = above;
      bitsOfAll |= above;
    }
    const width = WORD_BITS - Math.clz32(bitsOfAll);
    if (width === 0) return 0;
    let { length } = this;
    let held = 0;
    let bits = 0;
    for (let i = first; i < stop; i += 1) {
      const value = words[i] as number;
      held |= value << bits;
      bits += width;
      if (bits < WORD_BITS) continue;
      view.setInt32(length, held, true);
      length += 4;
      bits -= WORD_BITS;
      held = bits === 0 ? 0 : value >>> (width - bits);
    }
    this.length = length;
    return width;
  }

  private far(count: number): boolean {
    const { deltas, scaled, widths } = this;
    let least = Infinity;
    let most = -Infinity;
    let [lowest, highest, before] = [this.least, this.most, this.newest];
    let fractions = 0;
    for (let i = 0; i < count; i += 1) {
      const value = scaled[i] as number;
      fractions += value - Math.floor(value);
      if (value < lowest) lowest = value;
      if (value > highest) highest = value;
      const delta = value - before;
      before = value;
      deltas[i] = delta;
      if (delta < least) least = delta;
      if (delta > most) most = delta;
    }
    // What is no number, or beyond all, leaves no zero either.
    if (fractions !== 0 || lowest < -Number.MAX_SAFE_INTEGER || highest > Number.MAX_SAFE_INTEGER) return false;
    if (least < -LONGEST || most > LONGEST) return false;
    [this.least, this.most, this.newest] = [lowest, highest, before];
    this.zigzag(least);
    const start = this.length;
    this.length += MINIBLOCKS;
    for (let mini = 0; mini < MINIBLOCKS; mini += 1) {
      const first = mini * EACH;
      const end = Math.min(first + EACH, count);
      let widest = 0;
      for (let i = first; i < end; i += 1) {
        const above = (deltas[i] as number) - least;
        deltas[i] = above;
        if (above > widest) widest = above;
      }
      // A miniblock is always full: zeros follow the last value.
      for (let i = Math.max(first, end); i < first + EACH; i += 1) deltas[i] = 0;
      const width = widthOf(widest);
      widths[mini] = width;
      if (width > 0) this.wide(first, width);
    }
    this.bytes.set(widths, start);
    return true;
  }

  private wide(first: number, width: number): void {
    const { bytes, deltas } = this;
    let { length } = this;
    let held = 0;
    let bits = 0;
    const put = (value: number, more: number): void => {
      held += value * 2 ** bits;
      bits += more;
      for (; bits >= 8; bits -= 8) {
        bytes[length] = held % 256;
        length += 1;
        held = Math.floor(held / 256);
      }
    };
    for (let i = first; i < first + EACH; i += 1) {
      const value = deltas[i] as number;
      put(value % LOW, Math.min(width, LOW_BITS));
      if (width > LOW_BITS) put(Math.floor(value / LOW), width - LOW_BITS);
    }
    this.length = length;
  }

  /** Zigzag makes a number of 54 bits of one of 53: its low seven are split off before it is doubled. */
  private zigzag(value: number): void {
    const folded = value < 0 ? -value - 1 : value;
    const low = (folded % 64) * 2 + (value < 0 ? 1 : 0);
    const rest = Math.floor(folded / 64);
    if (rest === 0) this.byte(low);
    else {
      this.byte(low + 128);
      this.varint(rest);
    }
  }

  private varint(value: number): void {
    let rest = value;
    for (; rest >= 128; rest = Math.floor(rest / 128)) this.byte((rest % 128) + 128);
    this.byte(rest);
  }

  private byte(value: number): void {
    this.bytes[this.length] = value;
    this.length += 1;
  }

  private widen(): void {
    const wider = new Uint8Array(this.bytes.length * 2);
    wider.set(this.bytes);
    this.bytes = wider;
    this.view = new DataView(wider.buffer);
  }
}

function scale(values: Float64Array, factor: number, from: number, to: number, into: Float64Array): void {
  for (let i = from; i < to; i += 1) into[i - from] = (values[i] as number) * factor;
}

function scaleRounded(values: Float64Array, factor: number, from: number, to: number, into: Float64Array): void {
  for (let i = from; i < to; i += 1) into[i - from] = Math.round((values[i] as number) * factor);
}

const widthOf = (value: number): number =>
  value < 2 ** 32 ? 32 - Math.clz32(value) : 64 - Math.clz32(Math.floor(value / 2 ** 32));
