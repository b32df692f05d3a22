import { Decimal } from '../decimal.js';
import type { BookLevel } from '../market.js';
import type { Side } from '../order.js';
import { exact, lots, ticks } from '../units.js';
import { PriceLevelBook } from './price-level-book.js';
import type { PriceLevels } from './price-levels.js';

/** Of a stream there are many, each for a symbol: what its best prices move by in a while has room. */
const WIDTH = 2 ** 10;
const SIDES: readonly Side[] = ['buy', 'sell'];

/**
 * A book whose levels come as decimals of a grid that nobody has told: it counts in the finest digits seen so far, and
 * is counted anew when finer ones come.
 */
export class DecimalBook {
  private book = new PriceLevelBook(WIDTH);
  private priceDigits = 0;
  private sizeDigits = 0;
  private priceScale = new Decimal(1);
  private sizeScale = new Decimal(1);

  /** The best level of a side; undefined while it has none. */
  best(side: Side): BookLevel | undefined {
    const { best, bestLots } = this.book.beside(side);
    return Number.isNaN(best)
      ? undefined
      : { price: new Decimal(best).div(this.priceScale), size: new Decimal(bestLots).div(this.sizeScale) };
  }

  /** A snapshot begins: nothing of what was known stands any more. */
  clear(): void {
    this.book.clear();
  }

  /** A size of zero deletes the level. Throws NUM-001 for one that doubles do not hold exactly. */
  set(side: Side, { price, size }: BookLevel): void {
    if (price.dp() > this.priceDigits || size.dp() > this.sizeDigits) this.refine(price.dp(), size.dp());
    this.book.set(side, ticks(counted(price, this.priceScale)), lots(counted(size, this.sizeScale)));
  }

  private refine(price: number, size: number): void {
    const [priceDigits, sizeDigits] = [Math.max(price, this.priceDigits), Math.max(size, this.sizeDigits)];
    const [byPrice, bySize] = [10 ** (priceDigits - this.priceDigits), 10 ** (sizeDigits - this.sizeDigits)];
    const finer = new PriceLevelBook(WIDTH);
    if (this.book.whole) finer.clear();
    for (const side of SIDES) {
      const levels: PriceLevels = this.book.beside(side);
      for (let at = levels.best; !Number.isNaN(at); at = levels.next(at))
        finer.set(side, ticks(exact(at * byPrice, 'Price')), lots(exact(levels.at(at) * bySize, 'Size')));
    }
    this.book = finer;
    [this.priceDigits, this.sizeDigits] = [priceDigits, sizeDigits];
    this.priceScale = new Decimal(10).pow(priceDigits);
    this.sizeScale = new Decimal(10).pow(sizeDigits);
  }
}

const counted = (value: Decimal, scale: Decimal): number =>
  exact(value.times(scale).toNumber(), 'A price or size of a book');
