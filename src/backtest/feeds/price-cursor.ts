import { interned } from '../../domain/symbol-map.js';
import { marks } from '../../domain/units.js';
import type { PriceColumns } from '../../data/columns.js';
import { patienceOf } from '../../data/patience.js';
import { instantOf, RANK, type Cursor, type Stage } from './cursor.js';

/**
 * The venue's mark or index. It values and triggers at the venue, and the bot is told as it is live: limits are
 * measured by it, positions valued at the mark. Decisions are made on last prices and mids. Where the data is silent
 * for longer than `patienceOf` it, nobody knows the price any more: it lapses.
 */
export class PriceCursor implements Cursor {
  readonly rank: number;
  readonly symbol: string;
  at: number;
  /** Price of the last one played, in mark units; NaN before the first and once it has lapsed. */
  shown = NaN;
  shownAt = NaN;
  private row = 0;
  private isLapsing = false;
  private readonly patience: number;

  constructor(
    private readonly stage: Stage,
    readonly kind: 'mark' | 'index',
    private readonly columns: PriceColumns,
    readonly place: number,
    /** End of what moves the market: later on nothing lapses. */
    private readonly until: number,
  ) {
    this.rank = RANK[kind];
    this.symbol = interned(columns.symbol);
    this.at = instantOf(columns, 0);
    this.patience = patienceOf(columns);
  }

  play(): void {
    if (this.isLapsing) this.lapse();
    else this.tell();
  }

  private tell(): void {
    const { columns, row, at, symbol } = this;
    const price = marks(columns.price[row] as number);
    this.shown = price;
    this.shownAt = at;
    const { exchange, marketData } = this.stage;
    if (this.kind === 'mark') exchange.mark(symbol, price, at);
    else exchange.index(symbol, price, at);
    marketData.acceptPrice?.(symbol, this.kind, price, at);
    this.row = row + 1;
    const next = instantOf(columns, row + 1);
    const lapsesAt = at + this.patience;
    this.isLapsing = lapsesAt < next && lapsesAt < this.until;
    this.at = this.isLapsing ? lapsesAt : next;
  }

  private lapse(): void {
    this.shown = NaN;
    this.stage.exchange.lapse?.(this.symbol, this.kind, this.at);
    this.isLapsing = false;
    this.at = instantOf(this.columns, this.row);
  }
}
