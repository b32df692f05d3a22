import { BookSequence } from '../../domain/book/book-sequence.js';
import { DecimalBook } from '../../domain/book/decimal-book.js';
import type { BookEvent, DepthEvent } from '../../ports/venue/market-event.js';

class Kept {
  readonly book = new DecimalBook();
  readonly sequence = new BookSequence();
}

/**
 * Books of one stream, kept from messages that build on each other. A message that does not fit to the one before it
 * says that one is missing, and then nothing of the book is known.
 */
export class DepthBooks {
  private readonly books = new Map<string, Kept>();

  has(symbol: string): boolean {
    return this.books.has(symbol);
  }

  /**
   * The best prices now; undefined while there is nothing to tell, `gap` where a message is missing. Throws NUM-001 for
   * a level that no integer holds.
   */
  take({ symbol, type, bids, asks, sequence, at }: DepthEvent): BookEvent | 'gap' | undefined {
    let kept = this.books.get(symbol);
    if (type === 'snapshot') {
      this.books.set(symbol, (kept ??= new Kept()));
      kept.book.clear();
      kept.sequence.begin(sequence?.last);
    } else {
      if (kept === undefined) return undefined;
      const fit = kept.sequence.take(sequence);
      if (fit === 'old') return undefined;
      if (fit === 'gap') {
        this.books.delete(symbol);
        return 'gap';
      }
    }
    const { book } = kept;
    for (const level of bids) book.set('buy', level);
    for (const level of asks) book.set('sell', level);
    const [bid, ask] = [book.best('buy'), book.best('sell')];
    return { kind: 'book', symbol, ...(bid && { bid }), ...(ask && { ask }), at };
  }
}
