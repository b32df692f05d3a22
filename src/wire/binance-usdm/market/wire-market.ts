import { Decimal } from '../../../domain/decimal.js';
import { PriceLevelBook } from '../../../domain/book/price-level-book.js';
import type { PriceLevels } from '../../../domain/book/price-levels.js';
import { Instrument, type InstrumentSpec } from '../../../domain/instrument.js';
import type { BookLevel } from '../../../domain/market.js';
import type { Side } from '../../../domain/order.js';
import { lots, type Lots, type Ticks } from '../../../domain/units.js';
import { Candles } from './candles.js';

const WIDTH = 2 ** 12;
/** Trades and funding stamps that are kept for whoever asks. */
const MOST_TRADES = 1_000;
const MOST_STAMPS = 1_000;
/** No order has a price above it. */
const MOST_PRICE = new Decimal('4529764');

/** One public trade. `id` counts them; each is an aggregate of its own. */
export interface WireTrade {
  readonly id: number;
  readonly price: Decimal;
  readonly size: Decimal;
  readonly at: number;
  readonly isBuyerMaker: boolean;
}

export interface FundingStampTold {
  readonly at: number;
  readonly rate: Decimal;
  readonly mark: Decimal | undefined;
}

/** A level that is another now; a size of zero: it is gone. */
export interface LevelChange {
  readonly side: Side;
  readonly price: Ticks;
  readonly size: Lots;
}

/** Who is told as it happens. */
export interface WireMarketListener {
  /** Updates `first` to `last` of the book: these levels are others. */
  changed?(changes: readonly LevelChange[], first: number, last: number, at: number): void;
  /** The best prices, or their sizes, are others. */
  topMoved?(at: number): void;
  traded?(trade: WireTrade): void;
  /** Mark or index is another. */
  valued?(): void;
  /** The rate of the next stamp is another. */
  rated?(rate: Decimal): void;
  /** It is listed otherwise. */
  redefined?(change: ListingChange): void;
}

export type ListingChange = Partial<Omit<InstrumentSpec, 'tick' | 'step'>>;

/** What the server knows of one instrument, told by whatever drives it, in the order of its time. */
export class WireMarket {
  instrument: Instrument;
  readonly mostPrice = MOST_PRICE;
  readonly book = new PriceLevelBook(WIDTH);
  readonly candles = new Candles();
  readonly markCandles = new Candles();
  readonly indexCandles = new Candles();
  readonly trades: WireTrade[] = [];
  readonly stamps: FundingStampTold[] = [];
  readonly listeners = new Set<WireMarketListener>();
  /** Number of the newest update of the book. */
  updateId = 1_000;
  /** Of the newest event; NaN before the first. */
  at = Number.NaN;
  isTrading = true;
  last: Decimal | undefined = undefined;
  mark: Decimal | undefined = undefined;
  index: Decimal | undefined = undefined;
  fundingRate: Decimal | undefined = undefined;
  nextFundingAt: number | undefined = undefined;
  private top = '';

  constructor(
    /** Its name on the wire. */
    readonly name: string,
    spec: InstrumentSpec,
  ) {
    this.instrument = new Instrument(spec);
  }

  /** Listed otherwise from now on; the grid of its book stays. */
  redefine(change: ListingChange): void {
    this.instrument = new Instrument({ ...this.instrument.spec, ...change });
    for (const each of [...this.listeners]) each.redefined?.(change);
  }

  /** All that stands: what is told no more is gone. */
  show(bids: readonly BookLevel[], asks: readonly BookLevel[], at: number, upTo?: number): void {
    this.change([...this.changesOf('buy', bids), ...this.changesOf('sell', asks)], at, upTo);
  }

  /** Levels by price; a size of zero: it is gone. */
  update(bids: readonly BookLevel[], asks: readonly BookLevel[], at: number, upTo?: number): void {
    this.change([...this.told('buy', bids), ...this.told('sell', asks)], at, upTo);
  }

  /** `upTo`: number of the newest update, where whoever tells has numbers of his own; else each change is one. */
  private change(changes: readonly LevelChange[], at: number, upTo = this.updateId + changes.length): void {
    this.at = at;
    if (upTo === this.updateId) return;
    const first = this.updateId + 1;
    for (const { side, price, size } of changes) this.book.set(side, price, size);
    this.updateId = upTo;
    for (const each of [...this.listeners]) each.changed?.(changes, first, upTo, at);
    const { bids, asks } = this.book;
    const top = `${bids.best} ${bids.bestLots} ${asks.best} ${asks.bestLots}`;
    if (top === this.top) return;
    this.top = top;
    for (const each of [...this.listeners]) each.topMoved?.(at);
  }

  /** `aggressor`: where nobody says, at or above the middle of the book it was a buyer. */
  trade(price: Decimal, size: Decimal, at: number, aggressor: Side = this.takerAt(price)): void {
    this.at = at;
    this.last = price;
    const id = (this.trades.at(-1)?.id ?? 0) + 1;
    const trade: WireTrade = { id, price, size, at, isBuyerMaker: aggressor === 'sell' };
    this.trades.push(trade);
    if (this.trades.length > MOST_TRADES) this.trades.shift();
    this.candles.trade(price, size, at, id, trade.isBuyerMaker);
    for (const each of [...this.listeners]) each.traded?.(trade);
  }

  /** When it was told of last; a market that was told of nothing yet stands as of now. */
  toldAt(now: number): number {
    return Number.isNaN(this.at) ? now : this.at;
  }

  /** Middle of the best prices; undefined while a side is empty. */
  middle(): Decimal | undefined {
    const { bids, asks } = this.book;
    if (Number.isNaN(bids.best) || Number.isNaN(asks.best)) return undefined;
    return this.instrument.price(bids.best).plus(this.instrument.price(asks.best)).div(2);
  }

  value(mark: Decimal | undefined, index: Decimal | undefined, at: number): void {
    this.at = at;
    if (mark !== undefined) this.markCandles.price((this.mark = mark), at);
    if (index !== undefined) this.indexCandles.price((this.index = index), at);
    for (const each of [...this.listeners]) each.valued?.();
  }

  /** The rate that is paid at the next stamp. A stamp that has passed was paid at the rate told last before it. */
  funding(rate: Decimal, nextAt: number | undefined): void {
    const { nextFundingAt, fundingRate } = this;
    if (nextFundingAt !== undefined && fundingRate !== undefined && nextAt !== undefined && nextAt > nextFundingAt) {
      this.stamps.push({ at: nextFundingAt, rate: fundingRate, mark: this.mark });
      if (this.stamps.length > MOST_STAMPS) this.stamps.shift();
    }
    this.fundingRate = rate;
    this.nextFundingAt = nextAt;
    for (const each of [...this.listeners]) each.rated?.(rate);
  }

  /** Levels of a side as they stand, best first. */
  standing(side: Side): LevelChange[] {
    const levels = this.book.beside(side);
    const shown: LevelChange[] = [];
    for (let price = levels.best; !Number.isNaN(price); price = levels.next(price))
      shown.push({ side, price, size: levels.at(price) });
    return shown;
  }

  /** Levels of a side, best first, as text. */
  levels(side: Side, most: number): [string, string][] {
    const levels: PriceLevels = this.book.beside(side);
    const shown: [string, string][] = [];
    for (let price = levels.best; shown.length < most && !Number.isNaN(price); price = levels.next(price))
      shown.push([this.priceText(price), this.sizeText(levels.at(price))]);
    return shown;
  }

  priceText(price: Ticks): string {
    return this.price(this.instrument.price(price));
  }

  sizeText(size: Lots): string {
    return this.size(this.instrument.size(size));
  }

  /** With all the digits of the grid, as the venue writes them. */
  price(price: Decimal): string {
    return price.toFixed(this.instrument.spec.tick.dp());
  }

  size(size: Decimal): string {
    return size.toFixed(this.instrument.spec.step.dp());
  }

  private takerAt(price: Decimal): Side {
    const middle = this.middle();
    return middle !== undefined && price.lt(middle) ? 'sell' : 'buy';
  }

  private told(side: Side, levels: readonly BookLevel[]): LevelChange[] {
    return levels.map(({ price, size }) => ({
      side,
      price: this.instrument.toTicks(price, 'nearest'),
      size: this.instrument.toLots(size, 'nearest'),
    }));
  }

  private changesOf(side: Side, shown: readonly BookLevel[]): LevelChange[] {
    const levels = this.book.beside(side);
    const stands = this.told(side, shown);
    const prices = new Set(stands.map(({ price }) => price));
    const changes = stands.filter(({ price, size }) => levels.at(price) !== size);
    for (let price = levels.best; !Number.isNaN(price); price = levels.next(price))
      if (!prices.has(price)) changes.push({ side, price, size: lots(0) });
    return changes;
  }
}
