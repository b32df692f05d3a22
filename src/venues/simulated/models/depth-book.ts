import { lots, ticks, type Lots, type Ticks } from '../../../domain/units.js';
import type { Side } from '../../../domain/order.js';

/** Prices that a side holds in one array, and how far below its end the best price is put when the array is laid. */
const WIDTH = 2 ** 15;
const ROOM = WIDTH - WIDTH / 8;

/**
 * One side of a price-level book: an array by tick around the best price, and a map of the levels far behind it. A key
 * is the price of a bid and the negative price of an ask: the higher the better on both sides. When the best price
 * leaves its part of the array, the array is laid anew around it.
 */
class DepthSide {
  count = 0;
  private readonly sizes = new Float64Array(WIDTH);
  /** Levels too far behind the best for the array. Never any before it. */
  private readonly far = new Map<number, number>();
  /** Key of the array's first place; NaN before the first level. */
  private base = Number.NaN;
  /** Place of the best level; -1 while there is none. */
  private top = -1;

  constructor(private readonly sign: 1 | -1) {}

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
    for (let place = Math.min(key - this.base, WIDTH) - 1; place >= 0; place -= 1)
      if ((this.sizes[place] as number) > 0) return ticks(this.sign * (this.base + place));
    let best = Number.NEGATIVE_INFINITY;
    for (const other of this.far.keys()) if (other < key && other > best) best = other;
    return ticks(best === Number.NEGATIVE_INFINITY ? Number.NaN : this.sign * best);
  }

  /** Size of a level; 0 where there is none. */
  at(price: Ticks): Lots {
    const key = this.sign * price;
    const place = key - this.base;
    return lots(place >= 0 ? (place < WIDTH ? (this.sizes[place] as number) : 0) : (this.far.get(key) ?? 0));
  }

  /** Size at a price as far as the book tells: 0 between its levels, NaN behind the last of them. */
  lotsAt(price: Ticks): number {
    const size = this.at(price);
    return size > 0 || !Number.isNaN(this.next(price)) ? size : Number.NaN;
  }

  set(price: Ticks, size: Lots): void {
    const key = this.sign * price;
    if (Number.isNaN(this.base)) this.base = key - ROOM;
    const place = key - this.base;
    if (place < 0) this.setFar(key, size);
    else if (place < WIDTH) this.setNear(place, size);
    else if (size > 0) {
      this.lay(key);
      this.setNear(ROOM, size);
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
    for (let place = 0; place < WIDTH; place += 1)
      if ((this.sizes[place] as number) > 0) levels.push([this.base + place, this.sizes[place] as number]);
    this.clear();
    this.base = key - ROOM;
    for (const [each, size] of levels) {
      if (each >= this.base) this.setNear(each - this.base, size);
      else {
        this.far.set(each, size);
        this.count += 1;
      }
    }
  }
}

/** What everybody else shows, level by level, less what our orders have taken since the level was last told of. */
export class DepthBook {
  readonly bids = new DepthSide(1);
  readonly asks = new DepthSide(-1);
  /** A snapshot has been seen: changes alone make no book, for what stood before them is not known. */
  whole = false;

  set(side: Side, price: Ticks, size: Lots): void {
    if (side === 'buy') this.bids.set(price, size);
    else this.asks.set(price, size);
  }

  /** A snapshot begins: nothing of what was known stands any more. */
  clear(): void {
    this.bids.clear();
    this.asks.clear();
    this.whole = true;
  }

  /** The side that an order of `side` takes from. */
  against(side: Side): DepthSide {
    return side === 'buy' ? this.asks : this.bids;
  }

  /** The side on which an order of `side` rests. */
  beside(side: Side): DepthSide {
    return side === 'buy' ? this.bids : this.asks;
  }
}
