import { DecimalBook } from '../../../domain/book/decimal-book.js';
import type { BookLevel } from '../../../domain/market.js';
import type { BookEvent, DepthEvent } from '../../../ports/venue/market-event.js';

/** Best prices in a row that the depth contradicts: one may have been told while another was lost. */
const MOST_WRONG = 2;
/** Best prices that wait for the depth to come as far. */
const MOST_WAITING = 1_000;

interface Told {
  readonly update: number;
  readonly event: BookEvent;
}

/**
 * Compares the depth with the best prices that the venue tells beside it, by the numbers that both have: a level that
 * was told wrongly stands for ever, and nothing else would show it.
 */
export class BookCheck {
  private readonly book = new DecimalBook();
  private waiting: Told[] = [];
  private wrong = 0;

  /** Best prices as of one update. */
  told(update: number, event: BookEvent): void {
    this.waiting.push({ update, event });
    if (this.waiting.length > MOST_WAITING) this.waiting.shift();
  }

  /** What is wrong with the depth up to its update `last`; undefined where nothing is. */
  wrongIn({ type, bids, asks, sequence }: DepthEvent): string | undefined {
    const { book } = this;
    if (type === 'snapshot') book.clear();
    for (const level of bids) book.set('buy', level);
    for (const level of asks) book.set('sell', level);
    if (type === 'snapshot') this.wrong = 0;
    const told = this.upTo(sequence?.last ?? Number.NEGATIVE_INFINITY);
    const [bid, ask] = [book.best('buy'), book.best('sell')];
    if (bid !== undefined && ask !== undefined && bid.price.gte(ask.price)) return 'the sides of the depth cross';
    if (told === undefined) return undefined;
    this.wrong = isSame(bid, told.event.bid) && isSame(ask, told.event.ask) ? 0 : this.wrong + 1;
    return this.wrong < MOST_WRONG ? undefined : 'the depth contradicts the best prices';
  }

  /** The newest best prices of which the depth has come; they are looked at once. */
  private upTo(last: number): Told | undefined {
    const after = this.waiting.findIndex(({ update }) => update > last);
    const reached = after < 0 ? this.waiting.length : after;
    const told = this.waiting[reached - 1];
    this.waiting = this.waiting.slice(reached);
    return told;
  }
}

const isSame = (best: BookLevel | undefined, told: BookLevel | undefined): boolean =>
  best === undefined || told === undefined ? best === told : best.price.eq(told.price) && best.size.eq(told.size);
