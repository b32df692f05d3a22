import { interned } from '../../domain/symbol-map.js';
import { marks } from '../../domain/units.js';
import type { PriceColumns } from '../../data/columns.js';
import { PriceWalk } from '../../data/price-walk.js';
import { RANK, type Cursor, type Stage } from './cursor.js';

/**
 * The venue's mark or index. It values and triggers at the venue, and the bot is told as it is live: limits are
 * measured by it, positions valued at the mark. Decisions are made on last prices and mids.
 */
export class PriceCursor implements Cursor {
  readonly rank: number;
  readonly symbol: string;
  at: number;
  /** Price of the last one played, in mark units; NaN before the first and once it has lapsed. */
  shown = NaN;
  shownAt = NaN;
  private readonly walk: PriceWalk;

  constructor(
    private readonly stage: Stage,
    readonly kind: 'mark' | 'index',
    columns: PriceColumns,
    readonly place: number,
    /** End of what moves the market: later on nothing lapses. */
    until: number,
  ) {
    this.rank = RANK[kind];
    this.symbol = interned(columns.symbol);
    this.walk = new PriceWalk(columns, until);
    this.at = this.walk.at;
  }

  play(): void {
    const { symbol, kind, walk } = this;
    const { at, price } = walk;
    const { exchange, marketData } = this.stage;
    this.shown = price;
    if (Number.isNaN(price)) exchange.lapse?.(symbol, kind, at);
    else {
      this.shownAt = at;
      if (kind === 'mark') exchange.mark(symbol, price, at);
      else exchange.index(symbol, price, at);
      marketData.acceptPrice?.(symbol, kind, price, at);
    }
    walk.next();
    this.at = walk.at;
  }

  /**
   * A bot asks for the venue's prices at every step, and is told the mark that stands there: the last one, and where
   * that has lapsed the last price.
   */
  ask(at: number): void {
    const { symbol, kind } = this;
    const { exchange, marketData } = this.stage;
    const price = kind === 'mark' ? exchange.markOf(symbol) : this.shown;
    if (price !== undefined && price > 0) marketData.acceptPrice?.(symbol, kind, marks(price), at);
  }
}
