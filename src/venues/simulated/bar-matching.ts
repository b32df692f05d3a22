import { RATE_SCALE } from '../../domain/instrument.js';
import { signOf } from '../../domain/order.js';
import { lots, marks, mulDiv, ticks, type Ticks } from '../../domain/units.js';
import type { BarView } from '../../ports/simulated-exchange.js';
import { accepts, takerPrice, type Market } from './market.js';
import { POSITION_GONE, type OrderDesk } from './order-desk.js';
import { reached } from './order-validation.js';
import type { WorkingOrder } from './working-order.js';

/** How bars are turned into fills. Rates are integers of RATE_SCALE. */
export interface BarTerms {
  readonly halfSpread: number;
  /** Share of a bar's volume that our orders may take; undefined: volume does not limit them. */
  readonly volumeShare: number | undefined;
}

/**
 * Matching against bars. Only orders that waited since the bar's open or longer take part in it.
 *
 * Open: resting limits that the open is beyond fill at the open (maker); then market orders and limits that would have
 * taken on arrival fill at the open moved against them by half a spread (taker); then stops that the open has reached
 * trigger and fill likewise. A limit that the open, spread included, does not reach rests.
 *
 * Path: open, adverse extreme, other extreme, close. Adverse is the low for a long position and the high for a short
 * one; while flat it is the extreme away from the net of our entries (high when they buy), so that an entry is followed
 * by the move against it. On each leg events happen in order of price, older orders first at one price: a limit fills at
 * its price when the path goes strictly beyond it (touching is not enough), a stop triggers when the path touches it and
 * fills at its trigger price moved by half a spread.
 *
 * Volume: where a share is set, all fills of one bar together stay within it; a market order with nothing to take waits
 * for the next bar, one that got a part ends with it. A volume that is not known allows nothing.
 */
export class BarMatching {
  private left = Number.POSITIVE_INFINITY;
  private openAt = 0;

  constructor(
    private readonly desk: OrderDesk,
    private readonly terms: BarTerms,
  ) {}

  /** The bar opens: `last`, and the mark without a feed of its own, become the open. */
  open(market: Market, bar: BarView): void {
    const { volumeShare } = this.terms;
    this.openAt = bar.openAt;
    this.left = volumeShare === undefined ? Number.POSITIVE_INFINITY : bar.volume >= 0 ? mulDiv(Math.floor(bar.volume), volumeShare, RATE_SCALE, 'floor') : 0;
    market.quoted = false;
    market.last = bar.open;
    if (!market.hasMarkFeed) market.mark = marks(bar.open * market.instrument.marksPerTick);
    const { book } = market;
    for (const order of [...book.bids, ...book.asks]) {
      const limit = order.request.limit as Ticks;
      if (this.isIn(order) && limit !== bar.open && accepts(order.request.side, limit, bar.open)) this.make(market, order, bar.open, bar.openAt);
    }
    for (const order of [...book.waiting]) if (this.isIn(order)) this.take(market, order, bar.open, bar.openAt);
    for (const order of [...book.stops]) {
      const { side, stop = ticks(Number.NaN) } = order.request;
      if (this.triggersOnPath(market, order) && reached(side, stop, bar.open)) this.fire(market, order, bar.open, bar.openAt);
    }
  }

  /** The prices the path visits after the open. */
  route(market: Market, bar: BarView): readonly [Ticks, Ticks, Ticks] {
    let exposure: number = market.position.lots;
    if (exposure === 0) {
      for (const order of market.book.all()) {
        if (!order.request.reduceOnly && this.isIn(order)) exposure -= signOf(order.request.side) * order.remaining;
      }
    }
    return exposure >= 0 ? [bar.low, bar.high, bar.close] : [bar.high, bar.low, bar.close];
  }

  /** One monotonic piece of the path. */
  leg(market: Market, from: Ticks, to: Ticks, at: number): void {
    if (from === to) return;
    const down = to < from;
    for (;;) {
      const limit = this.nextLimit(market, to, down);
      const stop = this.nextStop(market, to, down);
      if (limit === undefined && stop === undefined) return;
      const limitAt = priceWithin(limit?.request.limit, from, down);
      const stopAt = priceWithin(stop?.request.stop, from, down);
      if (stop !== undefined && (limit === undefined || isEarlier(stop, stopAt, limit, limitAt, down))) this.fire(market, stop, stopAt, at);
      else if (limit !== undefined) this.make(market, limit, limit.request.limit as Ticks, at);
    }
  }

  private nextLimit(market: Market, to: Ticks, down: boolean): WorkingOrder | undefined {
    if (this.left === 0) return undefined;
    const reachedBy = (limit: number): boolean => (down ? limit > to : limit < to);
    return (down ? market.book.bids : market.book.asks).find((order) => this.isIn(order) && reachedBy(order.request.limit ?? Number.NaN));
  }

  private nextStop(market: Market, to: Ticks, down: boolean): WorkingOrder | undefined {
    let found: WorkingOrder | undefined;
    for (const order of market.book.stops) {
      const stop = order.request.stop ?? Number.NaN;
      if ((order.request.side === 'sell') !== down || !(down ? stop >= to : stop <= to) || !this.triggersOnPath(market, order)) continue;
      const best = found?.request.stop;
      if (best === undefined || (down ? stop > best : stop < best)) found = order;
    }
    return found;
  }

  /** The path is one of last prices; the mark goes with it unless the data has marks of its own. */
  private triggersOnPath(market: Market, order: WorkingOrder): boolean {
    const { triggerBy = 'last' } = order.request;
    return this.isIn(order) && (triggerBy === 'last' || (triggerBy === 'mark' && !market.hasMarkFeed));
  }

  private isIn(order: WorkingOrder): boolean {
    return order.since <= this.openAt;
  }

  private fire(market: Market, order: WorkingOrder, price: Ticks, at: number): void {
    this.desk.trigger(market, order, at);
    this.take(market, order, price, at);
  }

  private make(market: Market, order: WorkingOrder, price: Ticks, at: number): void {
    const executable = this.desk.executable(market, order);
    if (executable === 0) this.desk.end(market, order, 'expired', POSITION_GONE, at);
    else if (this.left > 0) this.execute(market, order, Math.min(executable, this.left), price, 'maker', at);
  }

  private take(market: Market, order: WorkingOrder, price: Ticks, at: number): void {
    const { side, limit, timeInForce } = order.request;
    const paid = takerPrice(side, price, this.terms.halfSpread);
    const executable = this.desk.executable(market, order);
    let size = accepts(side, limit, paid) ? Math.min(executable, this.left) : 0;
    if (timeInForce === 'FOK' && size < order.remaining) size = 0;
    if (executable === 0) this.desk.end(market, order, 'expired', POSITION_GONE, at);
    else if (size > 0) this.execute(market, order, size, paid, 'taker', at);
    if (!order.isOpen) return;
    if (size === 0 && limit === undefined && timeInForce === 'GTC') this.desk.wait(market, order);
    else if (order.isImmediate) this.desk.end(market, order, 'expired', 'not_fillable: no more volume at an acceptable price', at);
    else this.desk.rest(market, order);
  }

  private execute(market: Market, order: WorkingOrder, size: number, price: Ticks, liquidity: 'maker' | 'taker', at: number): void {
    this.left -= size;
    this.desk.fill(market, order, lots(size), price, liquidity, at);
  }
}

/** Where on the leg an order stands: at its price, or at the leg's start when that is beyond it. */
const priceWithin = (price: Ticks | undefined, from: Ticks, down: boolean): Ticks => ticks(price === undefined ? Number.NaN : down ? Math.min(price, from) : Math.max(price, from));

const isEarlier = (a: WorkingOrder, aAt: Ticks, b: WorkingOrder, bAt: Ticks, down: boolean): boolean => (aAt === bAt ? a.seq < b.seq : down ? aAt > bAt : aAt < bAt);
