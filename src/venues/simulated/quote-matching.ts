import { lots, type Lots, type Ticks } from '../../domain/units.js';
import type { TriggerPrice } from '../../domain/order.js';
import { accepts, wouldTake, type Market } from './market.js';
import { POSITION_GONE, type OrderDesk } from './order-desk.js';
import { reached } from './order-validation.js';
import type { WorkingOrder } from './working-order.js';

/**
 * Matching against quotes and public trades.
 *
 * An arriving order takes from the standing quote, at its price and up to the size that is left of it; the size comes
 * back only with the next quote. A resting order makes, at its own price, when the opposite quote reaches its price, or
 * when a public trade goes through it (a trade at its price alone is not enough: who stood in front is not known).
 * At each event resting orders come first, best price first and older first; then orders that waited for a price, in
 * order of arrival; then stops that it triggers.
 */
export class QuoteMatching {
  constructor(private readonly desk: OrderDesk) {}

  /** An order has been accepted: it executes now if a quote stands, else it waits for the next price. */
  arrive(market: Market, order: WorkingOrder, halfSpread: number, at: number): void {
    const { side, limit } = order.request;
    if (order.isStop) market.book.hold(order);
    else if (market.quoted) this.take(market, order, at);
    else {
      if (order.isImmediate || wouldTake(market, side, limit, halfSpread)) this.desk.wait(market, order);
      else this.desk.rest(market, order);
    }
  }

  quote(market: Market, at: number): void {
    const { book } = market;
    this.make(market, book.bids, (order) => (order.request.limit ?? 0) >= market.ask, () => market.askLots, (left) => (market.askLots = left), at);
    this.make(market, book.asks, (order) => (order.request.limit ?? 0) <= market.bid, () => market.bidLots, (left) => (market.bidLots = left), at);
    for (const order of [...book.waiting]) this.take(market, order, at);
    this.triggerStops(market, at);
  }

  trade(market: Market, price: Ticks, size: Lots, at: number): void {
    const { book } = market;
    let left = size;
    const sizeLeft = (): Lots => left;
    const keep = (rest: Lots): Lots => (left = rest);
    this.make(market, book.bids, (order) => (order.request.limit ?? 0) > price, sizeLeft, keep, at);
    this.make(market, book.asks, (order) => (order.request.limit ?? 0) < price, sizeLeft, keep, at);
    if (!market.quoted) for (const order of [...book.waiting]) left = lots(left - this.takeAt(market, order, price, left, at));
    this.triggerStops(market, at);
  }

  /** Stops whose trigger price has reached them; `only` names the price that moved, absent for all. */
  triggerStops(market: Market, at: number, only?: TriggerPrice): void {
    if (market.book.stops.length === 0) return;
    for (const order of [...market.book.stops]) {
      const { stop, side, triggerBy = 'last' } = order.request;
      if (stop === undefined || (only !== undefined && only !== triggerBy)) continue;
      if (!reached(side, stop * market.instrument.marksPerTick, market.reference(triggerBy))) continue;
      this.desk.trigger(market, order, at);
      order.since = at;
      this.arrive(market, order, 0, at);
    }
  }

  /** Fills resting orders, best first, from what is left of one size. */
  private make(market: Market, list: readonly WorkingOrder[], reaches: (order: WorkingOrder) => boolean, left: () => Lots, keep: (left: Lots) => void, at: number): void {
    for (let order = list[0]; order !== undefined && left() > 0 && reaches(order); order = list[0]) {
      const size = lots(Math.min(this.desk.executable(market, order), left()));
      if (size === 0) this.desk.end(market, order, 'expired', POSITION_GONE, at);
      else {
        keep(lots(left() - size));
        this.desk.fill(market, order, size, order.request.limit as Ticks, 'maker', at);
      }
    }
  }

  private take(market: Market, order: WorkingOrder, at: number): void {
    const buy = order.request.side === 'buy';
    const shown = buy ? market.askLots : market.bidLots;
    const taken = this.takeAt(market, order, buy ? market.ask : market.bid, shown, at);
    if (buy) market.askLots = lots(shown - taken);
    else market.bidLots = lots(shown - taken);
  }

  /** Takes up to `shown` lots at one price; what is left rests, or ends if it must not rest. Returns what was taken. */
  private takeAt(market: Market, order: WorkingOrder, price: Ticks, shown: Lots, at: number): number {
    const { side, limit, timeInForce } = order.request;
    const { desk } = this;
    const executable = desk.executable(market, order);
    let size = accepts(side, limit, price) ? Math.min(executable, shown) : 0;
    if (timeInForce === 'FOK' && size < order.remaining) size = 0;
    if (executable === 0) desk.end(market, order, 'expired', POSITION_GONE, at);
    else if (size > 0) desk.fill(market, order, lots(size), price, 'taker', at);
    if (!order.isOpen) return size;
    if (order.isImmediate) desk.end(market, order, 'expired', 'not_fillable: no more size at an acceptable price', at);
    else this.desk.rest(market, order);
    return size;
  }
}
