import { DecimalBook } from '../../../src/domain/book/decimal-book.js';
import type { BookLevel } from '../../../src/domain/market.js';
import type { DepthEvent, MarketEvent } from '../../../src/ports/venue/market-event.js';

/** What best prices look like, for comparisons. */
export const topText = (bid: BookLevel | undefined, ask: BookLevel | undefined): string =>
  [bid, ask]
    .map((level) => (level === undefined ? '-' : `${level.price.toFixed()} x ${level.size.toFixed()}`))
    .join(' | ');

interface Read {
  readonly book: DecimalBook;
  isTrusted: boolean;
}

/** Books as a consumer reads them who believes every word, the words that take others back among them. */
export class BookReader {
  private readonly books = new Map<string, Read>();
  /** Of those without depth. */
  private readonly best = new Map<string, string>();

  take(event: MarketEvent): void {
    if (event.kind === 'depth') this.depth(event);
    else if (event.kind === 'book') this.best.set(event.symbol, topText(event.bid, event.ask));
    else if (event.kind === 'closed') this.doubt(undefined);
    else if (event.kind === 'gap' || event.kind === 'stale') {
      const { channel = 'depth', symbol } = event;
      if (channel === 'depth') this.doubt(symbol);
      else if (channel === 'book') this.forget(symbol);
    }
  }

  /** Whether its sides meet or cross, as far as it is trusted. */
  isCrossed(symbol: string): boolean {
    const read = this.books.get(symbol);
    const [bid, ask] = [read?.book.best('buy'), read?.book.best('sell')];
    return read?.isTrusted === true && bid !== undefined && ask !== undefined && bid.price.gte(ask.price);
  }

  /** Best prices; undefined while nobody may trust them. */
  top(symbol: string): string | undefined {
    const read = this.books.get(symbol);
    if (read === undefined) return this.best.get(symbol);
    return read.isTrusted ? topText(read.book.best('buy'), read.book.best('sell')) : undefined;
  }

  private depth({ symbol, type, bids, asks }: DepthEvent): void {
    let read = this.books.get(symbol);
    if (read === undefined) this.books.set(symbol, (read = { book: new DecimalBook(), isTrusted: false }));
    if (type === 'snapshot') {
      read.book.clear();
      read.isTrusted = true;
    }
    for (const level of bids) read.book.set('buy', level);
    for (const level of asks) read.book.set('sell', level);
  }

  private doubt(symbol: string | undefined): void {
    for (const [name, read] of this.books) if (symbol === undefined || symbol === name) read.isTrusted = false;
    this.forget(symbol);
  }

  private forget(symbol: string | undefined): void {
    if (symbol === undefined) this.best.clear();
    else this.best.delete(symbol);
  }
}
