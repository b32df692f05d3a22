import { DecimalBook } from '../../../domain/book/decimal-book.js';
import type { BookLevel } from '../../../domain/market.js';
import type { BookEvent, DepthEvent } from '../../../ports/venue/market-event.js';

/** Best prices in a row that the depth contradicts: one may have been told while another was lost. */
const MOST_WRONG = 2;
/** Best prices that wait for the depth to come as far, and the other way round. */
const MOST_WAITING = 1_000;

/** The venue's word on the best prices as of one update. */
interface Word {
  readonly update: number;
  readonly event: BookEvent;
  isJudged: boolean;
}

/** What the depth has for the best prices as of one update. */
interface Top {
  readonly update: number;
  readonly bid: BookLevel | undefined;
  readonly ask: BookLevel | undefined;
}

/**
 * Compares the depth with the best prices that the venue tells beside it, by the numbers that both have: a level that
 * was told wrongly stands for ever, and nothing else would show it. Either may be ahead of the other. The venue's word
 * on an update is the last one up to it, and which one that is shows with the first word on a later update; before
 * that a word is compared with its own update alone.
 */
export class BookCheck {
  private readonly book = new DecimalBook();
  private words: Word[] = [];
  private tops: Top[] = [];
  private wrong = 0;

  /** Best prices as of one update. What is wrong with the depth by them; undefined where nothing is. */
  told(update: number, event: BookEvent): string | undefined {
    keep(this.words, { update, event, isJudged: false });
    return this.judge();
  }

  /** What is wrong with the depth up to its update `last`; undefined where nothing is. */
  wrongIn({ type, bids, asks, sequence }: DepthEvent): string | undefined {
    const { book } = this;
    const update = sequence?.last ?? Number.NEGATIVE_INFINITY;
    if (type === 'snapshot') this.begin(update);
    for (const level of bids) book.set('buy', level);
    for (const level of asks) book.set('sell', level);
    const [bid, ask] = [book.best('buy'), book.best('sell')];
    if (bid !== undefined && ask !== undefined && bid.price.gte(ask.price)) return 'the sides of the depth cross';
    keep(this.tops, { update, bid, ask });
    return this.judge();
  }

  /** While no depth stood nobody noted what was told. */
  private begin(update: number): void {
    this.book.clear();
    this.tops = [];
    this.wrong = 0;
    this.words = this.words.filter((word) => word.update >= update);
  }

  /** Each word is looked at once, at the first update of the depth that it is about. */
  private judge(): string | undefined {
    for (let top = this.tops[0]; top !== undefined; top = this.tops[0]) {
      const { update } = top;
      const later = this.words.findIndex((word) => word.update > update);
      const last = (later < 0 ? this.words.length : later) - 1;
      const word = this.words[last];
      if (later < 0 && word?.update !== update) return undefined;
      this.tops.shift();
      if (word === undefined) continue;
      this.words.splice(0, last);
      if (word.isJudged) continue;
      word.isJudged = true;
      const isRight = isSame(top.bid, word.event.bid) && isSame(top.ask, word.event.ask);
      this.wrong = isRight ? 0 : this.wrong + 1;
      if (this.wrong >= MOST_WRONG) return 'the depth contradicts the best prices';
    }
    return undefined;
  }
}

function keep<T>(list: T[], value: T): void {
  list.push(value);
  if (list.length > MOST_WAITING) list.shift();
}

const isSame = (best: BookLevel | undefined, told: BookLevel | undefined): boolean =>
  best === undefined || told === undefined ? best === told : best.price.eq(told.price) && best.size.eq(told.size);
