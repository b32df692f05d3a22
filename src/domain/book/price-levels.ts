import { lots, ticks, type Lots, type Ticks } from '../units.js';

/** Prices that a side holds in one array, where nobody asks for fewer. */
export const WIDE = 2 ** 15;

/**
 * One side of a price-level book: an array by tick around the best price, and a map of the levels far behind it. A key
 * is the price of a bid and the negative price of an ask: the higher the better on both sides. When the best price
 * leaves its part of the array, the array is laid anew around it: a narrow one takes less and is laid more often.
 */
export class PriceLevels {
  count = 0;
  private readonly sizes: Float64Array;
  /** Place of the best price when the array is laid: most of it is for what stands behind. */
  private readonly room: number;
  /** Levels too far behind the best for the array. Never any before it. */
  private readonly far = new Map<number, number>();
  /** Key of the array's first place; NaN before the first level. */
  private base = Number.NaN;
  /** Place of the best level; -1 while there is none. */
  private top = -1;

  /** `sign` is 1 for bids and -1 for asks; `width` a power of two. */
  constructor(
    private readonly sign: 1 | -1,
    private readonly width: number,
  ) {
    this.sizes = new Float64Array(width);
    this.room = width - width / 8;
  }

  /** Best price and its size; NaN and 0 where there is none. */
  get best(): Ticks {
    return ticks(this.top < 0 ? Number.NaN : this.sign * (this.base + this.top));
  }

  get bestLots(): Lots {
    return lots(this.top < 0 ? 0 : (this.sizes[this.top] as number));
  }

  clear(): void {
    this.sizes.fill(0);
    this.far.clear();
    this.count = 0;
    this.top = -1;
    this.base = Number.NaN;
  }

  /** The next level behind a price; NaN behind the last. */
  next(price: Ticks): Ticks {
    const key = this.sign * price;
    for (let place = Math.min(key - this.base, this.width) - 1; place >= 0; place -= 1)
      if ((this.sizes[place] as number) > 0) return ticks(this.sign * (this.base + place));
    let best = Number.NEGATIVE_INFINITY;
    for (const other of this.far.keys()) if (other < key && other > best) best = other;
    return ticks(best === Number.NEGATIVE_INFINITY ? Number.NaN : this.sign * best);
  }

  /** Size of a level; 0 where there is none. */
  at(price: Ticks): Lots {
    const key = this.sign * price;
    const place = key - this.base;
    return lots(place >= 0 ? (place < this.width ? (this.sizes[place] as number) : 0) : (this.far.get(key) ?? 0));
  }

  /** Size at a price as far as the book tells: 0 between its levels, NaN behind the last of them. */
  lotsAt(price: Ticks): number {
    const size = this.at(price);
    return size > 0 || !Number.isNaN(this.next(price)) ? size : Number.NaN;
  }

  set(price: Ticks, size: Lots): void {
    const key = this.sign * price;
    if (Number.isNaN(this.base)) this.base = key - this.room;
    const place = key - this.base;
    if (place < 0) this.setFar(key, size);
    else if (place < this.width) this.setNear(place, size);
    else if (size > 0) {
      this.lay(key);
      this.setNear(this.room, size);
    }
  }

  /** Takes `size` lots, at most what is there, from the best level. */
  consume(size: number): void {
    this.setNear(this.top, Math.max(0, (this.sizes[this.top] as number) - size));
  }

  private setNear(place: number, size: number): void {
    const before = this.sizes[place] as number;
    this.sizes[place] = size;
    if (size > 0) {
      if (before === 0) this.count += 1;
      if (place > this.top) this.top = place;
    } else if (before > 0) {
      this.count -= 1;
      if (place === this.top) this.sink();
    }
  }

  private setFar(key: number, size: number): void {
    const known = this.far.has(key);
    if (size > 0) {
      this.far.set(key, size);
      if (!known) this.count += 1;
      if (this.top < 0) this.lay(key);
    } else if (known) {
      this.far.delete(key);
      this.count -= 1;
    }
  }

  /** The best level is gone: the next one is it. */
  private sink(): void {
    while (this.top >= 0 && this.sizes[this.top] === 0) this.top -= 1;
    if (this.top >= 0 || this.far.size === 0) return;
    let best = Number.NEGATIVE_INFINITY;
    for (const key of this.far.keys()) if (key > best) best = key;
    this.lay(best);
  }

  /** Lays the array anew, with room behind and before a key that no level is better than. */
  private lay(key: number): void {
    const levels = [...this.far];
    for (let place = 0; place < this.width; place += 1)
      if ((this.sizes[place] as number) > 0) levels.push([this.base + place, this.sizes[place] as number]);
    this.clear();
    this.base = key - this.room;
    for (const [each, size] of levels) {
      if (each >= this.base) this.setNear(each - this.base, size);
      else {
        this.far.set(each, size);
        this.count += 1;
      }
    }
  }
}
