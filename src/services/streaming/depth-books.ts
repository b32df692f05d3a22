import type { BookLevel } from '../../domain/market.js';
import type { BookEvent, DepthEvent, DepthSequence } from '../../ports/venue/market-event.js';

/** One side, best price first. */
class Levels {
  private readonly levels: BookLevel[] = [];

  constructor(private readonly isBetter: (a: BookLevel, b: BookLevel) => boolean) {}

  get best(): BookLevel | undefined {
    return this.levels[0];
  }

  clear(): void {
    this.levels.length = 0;
  }

  /** A size of zero deletes the level. */
  set(level: BookLevel): void {
    const { levels } = this;
    let from = 0;
    for (let to = levels.length; from < to;) {
      const middle = (from + to) >> 1;
      if (this.isBetter(levels[middle] as BookLevel, level)) from = middle + 1;
      else to = middle;
    }
    const known = levels[from]?.price.eq(level.price) === true ? 1 : 0;
    if (level.size.isZero()) levels.splice(from, known);
    else levels.splice(from, known, level);
  }
}

class Book {
  readonly bids = new Levels((a, b) => a.price.gt(b.price));
  readonly asks = new Levels((a, b) => a.price.lt(b.price));
  /** Number of the newest message; NaN where the venue numbers none. */
  last = Number.NaN;
  /** No change has followed the snapshot yet: the first one may reach back behind it. */
  isNew = true;
}

/**
 * Books of one stream, kept from messages that build on each other. A message that does not fit to the one before it
 * says that one is missing, and then nothing of the book is known.
 */
export class DepthBooks {
  private readonly books = new Map<string, Book>();

  has(symbol: string): boolean {
    return this.books.has(symbol);
  }

  /** The best prices now; undefined while there is nothing to tell, `gap` where a message is missing. */
  take({ symbol, type, bids, asks, sequence, at }: DepthEvent): BookEvent | 'gap' | undefined {
    let book = this.books.get(symbol);
    if (type === 'snapshot') {
      this.books.set(symbol, (book ??= new Book()));
      book.bids.clear();
      book.asks.clear();
      book.last = sequence?.last ?? Number.NaN;
      book.isNew = true;
    } else {
      if (book === undefined) return undefined;
      const fit = fits(book, sequence);
      if (fit === 'old') return undefined;
      if (fit === 'gap') {
        this.books.delete(symbol);
        return 'gap';
      }
      book.last = sequence?.last ?? Number.NaN;
      book.isNew = false;
    }
    for (const level of bids) book.bids.set(level);
    for (const level of asks) book.asks.set(level);
    const { best: bid } = book.bids;
    const { best: ask } = book.asks;
    return { kind: 'book', symbol, ...(bid && { bid }), ...(ask && { ask }), at };
  }
}

/** How a change stands to the book: it follows, says what is known already, or follows something that never came. */
function fits({ last, isNew }: Book, sequence: DepthSequence | undefined): 'next' | 'old' | 'gap' {
  if (sequence === undefined || Number.isNaN(last)) return 'next';
  const { first, previous } = sequence;
  if (previous === last) return 'next';
  if (sequence.last <= last) return 'old';
  if (first !== undefined && first <= last + 1 && (isNew || previous === undefined)) return 'next';
  if (previous !== undefined) return isNew && previous < last ? 'next' : 'gap';
  return first === undefined ? 'next' : 'gap';
}
