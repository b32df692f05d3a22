import { bookOf } from '../backtest/closed-trips.js';
import { Decimal } from '../domain/decimal.js';
import type { Instrument } from '../domain/instrument.js';
import { opposite, type Fill, type FundingPayment, type PositionSide } from '../domain/order.js';
import { Position } from '../domain/position.js';
import { lots, mulDiv, units, type Lots, type MarkUnits, type Ticks, type Units } from '../domain/units.js';
import type { TradeRow } from './run-record.js';

const PRICE_DIGITS = 12;

interface Lot {
  lots: number;
  readonly at: number;
}

/** One position from flat to flat, while it lives and after. Its price profit is that of the exact `Position`. */
class Episode {
  readonly position: Position;
  readonly side: 'long' | 'short';
  /** Which position of a hedged account it belongs to; undefined where an instrument has one. */
  readonly positionSide: PositionSide | undefined;
  realised = 0;
  fees = 0;
  funding = 0;
  largest = 0;
  fills = 0;
  readonly openedAt: number;
  /** Highest and lowest mark since the entry, and the prices of its fills. */
  highest: number;
  lowest: number;
  closedAt: number | undefined;
  exitReason: string | undefined;
  stop: Ticks | undefined;
  private readonly queue: Lot[] = [];
  private heldWeight = 0;
  private closedLots = 0;
  private bought = { lots: 0, value: new Decimal(0) };
  private sold = { lots: 0, value: new Decimal(0) };

  constructor(
    readonly id: number,
    readonly instrument: Instrument,
    readonly entryReason: string | undefined,
    fill: Fill,
  ) {
    this.openedAt = fill.at;
    this.position = new Position(instrument);
    this.side = fill.side === 'buy' ? 'long' : 'short';
    this.positionSide = fill.positionSide;
    this.highest = instrument.marksOfTicks(fill.price);
    this.lowest = this.highest;
  }

  apply(fill: Fill, size: Lots, fee: number): void {
    const opens = (fill.side === 'buy') === (this.side === 'long');
    this.realised += this.position.apply(fill.side, size, fill.price, fill.at);
    this.fees += fee;
    this.fills += 1;
    this.largest = Math.max(this.largest, Math.abs(this.position.lots));
    this.see(this.instrument.marksOfTicks(fill.price));
    const flow = opens ? this.bought : this.sold;
    flow.lots += size;
    flow.value = flow.value.plus(this.instrument.price(fill.price).times(size));
    if (opens) this.queue.push({ lots: size, at: fill.at });
    else this.release(size, fill.at);
  }

  see(mark: number): void {
    if (mark > this.highest) this.highest = mark;
    if (mark < this.lowest) this.lowest = mark;
  }

  row(mark: MarkUnits | undefined, now: number): TradeRow {
    const { instrument, position } = this;
    const open = mark === undefined || this.closedAt !== undefined ? 0 : position.unrealised(mark);
    const price = this.realised + open;
    const net = price + this.fees + this.funding;
    const entry = averageOf(this.bought);
    const exit = averageOf(this.sold);
    const text = (amount: number): string => instrument.moneyText(units(amount));
    const excursion = (extreme: number): number =>
      Number(
        instrument
          .markPrice(extreme as MarkUnits)
          .div(entry)
          .minus(1)
          .abs()
          .toPrecision(7),
      );
    const [worst, best] = this.side === 'long' ? [this.lowest, this.highest] : [this.highest, this.lowest];
    return {
      id: this.id,
      symbol: instrument.symbol,
      side: this.side,
      openedAt: this.openedAt,
      closedAt: this.closedAt ?? null,
      quantity: instrument.sizeText(lots(this.largest)),
      entry: entry.toSignificantDigits(PRICE_DIGITS).toString(),
      exit: this.sold.lots === 0 ? null : exit.toSignificantDigits(PRICE_DIGITS).toString(),
      price: text(price),
      fees: text(this.fees),
      funding: text(this.funding),
      net: text(net),
      entryReason: this.entryReason ?? null,
      exitReason: this.exitReason ?? null,
      adverse: excursion(worst),
      favourable: excursion(best),
      multiple: this.multiple(net),
      heldMs: this.held(now),
      fills: this.fills,
    };
  }

  /** Net profit over what the largest size would have lost from the average entry to the first stop. */
  private multiple(net: number): number | null {
    if (this.stop === undefined) return null;
    const risked = new Position(this.instrument);
    const entering = this.side === 'long' ? 'buy' : 'sell';
    const entry = this.instrument.toTicks(averageOf(this.bought), 'nearest');
    risked.apply(entering, lots(this.largest), entry, 0);
    const loss = 0 - risked.apply(opposite(entering), lots(this.largest), this.stop, 0);
    return loss > 0 ? Number((net / loss).toPrecision(7)) : null;
  }

  private release(size: number, at: number): void {
    let left = size;
    while (left > 0) {
      const [first] = this.queue;
      if (first === undefined) return;
      const taken = Math.min(left, first.lots);
      this.heldWeight += taken * (at - first.at);
      this.closedLots += taken;
      first.lots -= taken;
      left -= taken;
      if (first.lots === 0) this.queue.shift();
    }
  }

  private held(now: number): number {
    let weight = this.heldWeight;
    let count = this.closedLots;
    for (const lot of this.queue) {
      weight += lot.lots * (now - lot.at);
      count += lot.lots;
    }
    return count === 0 ? 0 : Math.round(weight / count);
  }
}

const averageOf = (flow: { readonly lots: number; readonly value: Decimal }): Decimal =>
  flow.lots === 0 ? new Decimal(0) : flow.value.div(flow.lots);

/** Of a hedged account each position pays for itself: the sign of its size tells which. */
const owns = ({ instrument, openedAt, closedAt, side, positionSide }: Episode, payment: FundingPayment): boolean =>
  instrument.symbol === payment.instrument.symbol &&
  openedAt < payment.at &&
  (closedAt === undefined || payment.at <= closedAt) &&
  (positionSide === undefined || !payment.lots || payment.lots > 0 === (side === 'long'));

export interface FillContext {
  readonly reason: string | undefined;
  /** The stop that protects the position after this fill, where there is one. */
  readonly stop: Ticks | undefined;
}

/**
 * Round trips from fills, one an episode of a position. A fill that passes zero ends one and begins another: its fee is
 * shared by size, the closing part rounded down. Sizes leave first in, first out. Of a hedged account the long and the
 * short position of an instrument have episodes of their own.
 */
export class RoundTrips {
  private readonly done: Episode[] = [];
  private readonly open = new Map<string, Episode>();

  fill(fill: Fill, context: FillContext): void {
    const book = bookOf(fill);
    const episode = this.open.get(book);
    if (episode === undefined || episode.position.lots > 0 === (fill.side === 'buy')) {
      this.enter(fill, fill.lots, fill.fee, context);
      return;
    }
    const closing = lots(Math.min(fill.lots, Math.abs(episode.position.lots)));
    const fee = closing === fill.lots ? fill.fee : mulDiv(fill.fee, closing, fill.lots, 'floor');
    episode.apply(fill, closing, fee);
    episode.stop ??= context.stop;
    if (episode.position.isFlat) {
      episode.closedAt = fill.at;
      episode.exitReason = fill.cause ?? context.reason;
      this.open.delete(book);
      this.done.push(episode);
    }
    if (closing < fill.lots) this.enter(fill, lots(fill.lots - closing), units(fill.fee - fee), context);
  }

  /** A step's mark. */
  mark(symbol: string, mark: MarkUnits): void {
    for (const episode of this.open.values()) if (episode.instrument.symbol === symbol) episode.see(mark);
  }

  /**
   * A stop that was asked for while the position was open; the first one counts. Without a side it protects whichever
   * is open.
   */
  stop(symbol: string, price: Ticks | undefined, side?: PositionSide): void {
    for (const episode of this.open.values())
      if (episode.instrument.symbol === symbol && (side === undefined || episode.side === side)) episode.stop ??= price;
  }

  holds(symbol: string): boolean {
    for (const episode of this.open.values()) if (episode.instrument.symbol === symbol) return true;
    return false;
  }

  get hasOpen(): boolean {
    return this.open.size > 0;
  }

  /**
   * All trades in the order of their entries, each with the funding of its time. Funding is paid before the fills of
   * its instant.
   */
  rows(
    fundings: readonly FundingPayment[],
    markOf: (symbol: string) => MarkUnits | undefined,
    now: number,
  ): TradeRow[] {
    const all = [...this.done, ...this.open.values()].sort((a, b) => a.id - b.id);
    for (const episode of all) episode.funding = 0;
    for (const payment of fundings) {
      if (payment.amount === undefined || payment.amount === 0) continue;
      const owner = all.find((episode) => owns(episode, payment));
      if (owner !== undefined) owner.funding += payment.amount;
    }
    return all.map((episode) => episode.row(markOf(episode.instrument.symbol), now));
  }

  private enter(fill: Fill, size: Lots, fee: Units, context: FillContext): void {
    const book = bookOf(fill);
    let episode = this.open.get(book);
    if (episode === undefined) {
      episode = new Episode(this.done.length + this.open.size + 1, fill.instrument, context.reason, fill);
      this.open.set(book, episode);
    }
    episode.apply(fill, size, fee);
    episode.stop ??= context.stop;
  }
}
