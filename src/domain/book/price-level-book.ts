import type { Side } from '../order.js';
import type { Lots, Ticks } from '../units.js';
import { PriceLevels, WIDE } from './price-levels.js';

/**
 * A price-level book in whole ticks and lots: what stands at each price of each side. Sizes are absolute; zero deletes
 * a level. The simulated exchange, recorded sessions, streams and venues keep their books in it.
 */
export class PriceLevelBook {
  readonly bids: PriceLevels;
  readonly asks: PriceLevels;
  /** A snapshot has been seen: changes alone make no book, for what stood before them is not known. */
  whole = false;

  constructor(width = WIDE) {
    this.bids = new PriceLevels(1, width);
    this.asks = new PriceLevels(-1, width);
  }

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
  against(side: Side): PriceLevels {
    return side === 'buy' ? this.asks : this.bids;
  }

  /** The side on which an order of `side` rests. */
  beside(side: Side): PriceLevels {
    return side === 'buy' ? this.bids : this.asks;
  }
}
