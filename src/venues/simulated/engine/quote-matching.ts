import { lots, type Lots, type Ticks } from '../../../domain/units.js';
import { signOf, type Side, type TriggerPrice } from '../../../domain/order.js';
import { bestLotsOf, bestOf, shownAt, takeable, takeBest } from '../core/liquidity.js';
import { accepts, wouldTake, type Market } from '../core/market.js';
import { POSITION_GONE, WOULD_TAKE, type OrderDesk } from './order-desk.js';
import type { MatchingSettings } from '../../../ports/configuration/settings/matching-settings.js';
import { isProtective } from '../core/request-kinds.js';
import type { QueueModel } from '../core/queue-model.js';
import { Triggers } from './triggers.js';
import type { WorkingOrder } from '../core/working-order.js';

/** How much an order takes where trades are all that is known. */
export interface TradeTerms {
  readonly tradeLiquidity: MatchingSettings['tradeLiquidity'];
}

/**
 * Matching against quotes, depth and public trades.
 *
 * An arriving order takes from what stands, level by level where depth is known, at the levels' prices and up to the
 * sizes that are left of them; a size comes back only when the data names its level again. A resting order makes, at
 * its own price: when the opposite side reaches its price, when a public trade goes through it, and when a trade at its
 * price is larger than the queue before it (see QueueModel). Who traded decides, where it is known: buyers fill sells.
 *
 * Over trades alone an order takes at the next print's price, how much is a setting. What a stop that protects has not
 * filled waits for the next price, over whatever data: the position would be without one.
 *
 * At each event resting orders come first, best price first and older first; then orders that waited for a price, in
 * order of arrival; then stops that it triggers.
 */
export class QuoteMatching {
  private readonly triggers: Triggers;

  constructor(
    private readonly desk: OrderDesk,
    private readonly queue: QueueModel,
    private readonly terms: TradeTerms,
  ) {
    this.triggers = new Triggers(desk);
  }

  /** An order has been accepted: it executes now if a quote stands, else it waits for the next price. */
  arrive(market: Market, order: WorkingOrder, halfSpread: number, at: number): void {
    if (order.entry === undefined) this.place(market, order, halfSpread, at);
    else {
      this.desk.sleep(market, order);
      order.woken = order.allowed > 0;
    }
    this.placeWoken(market, halfSpread, at);
  }

  private place(market: Market, order: WorkingOrder, halfSpread: number, at: number): void {
    const { side, limit } = order.request;
    if (order.isStop) this.triggers.begin(market, order);
    else if (market.quoted) this.take(market, order, at);
    else {
      if (order.isImmediate || wouldTake(market, side, limit, halfSpread)) this.desk.wait(market, order);
      else this.rest(market, order, at);
    }
  }

  /** Orders that an execution has woken take their places, and may fire at once. */
  private placeWoken(market: Market, halfSpread: number, at: number): void {
    for (let order = this.desk.nextWoken(market); order !== undefined; order = this.desk.nextWoken(market)) {
      if (order.request.postOnly && wouldTake(market, order.request.side, order.request.limit, halfSpread))
        this.desk.end(market, order, 'expired', WOULD_TAKE, at);
      else this.place(market, order, halfSpread, at);
      if (order.isStop) this.fire(market, at);
    }
  }

  /** Quote or depth has changed. */
  quote(market: Market, at: number): void {
    const { book } = market;
    if (book.bids.length > 0) this.meet(market, book.bids, at);
    if (book.asks.length > 0) this.meet(market, book.asks, at);
    if (book.waiting.length > 0)
      for (const order of [...book.waiting]) if (order.waits && order.isOpen) this.take(market, order, at);
    this.triggerStops(market, at);
  }

  trade(market: Market, price: Ticks, size: Lots, at: number, aggressor?: Side): void {
    const { book } = market;
    let left = size;
    if (aggressor !== 'buy') left = this.hit(market, book.bids, price, left, at);
    if (aggressor !== 'sell') left = this.hit(market, book.asks, price, left, at);
    if (!market.quoted && book.waiting.length > 0) {
      for (const order of [...book.waiting])
        if (order.waits && order.isOpen) left = lots(left - this.takeAt(market, order, price, left, at));
    }
    this.triggerStops(market, at);
  }

  /** Stops whose trigger price has reached them; `only` names the price that moved, absent for all. */
  triggerStops(market: Market, at: number, only?: TriggerPrice): void {
    if (market.book.stops.length > 0) this.fire(market, at, only);
    this.placeWoken(market, 0, at);
  }

  private fire(market: Market, at: number, only?: TriggerPrice): void {
    for (const order of this.triggers.fired(market, only)) {
      if (!order.isOpen || !order.isStop || order.asleep) continue;
      this.desk.trigger(market, order, at);
      if (!order.isOpen) continue;
      order.since = at;
      this.place(market, order, 0, at);
    }
  }

  /** Resting orders see what stands at their price and on the other side. */
  private meet(market: Market, list: readonly WorkingOrder[], at: number): void {
    let crossed = false;
    for (let i = 0; i < list.length; i += 1) {
      const order = list[i] as WorkingOrder;
      const { side, limit } = order.request;
      this.queue.look(order, shownAt(market, side, limit as Ticks));
      this.desk.drift(order);
      if (i === 0) crossed = accepts(side, limit, bestOf(market, side));
    }
    if (crossed) this.cross(market, [...list], at);
  }

  /** The other side has come to them: they make at their own price, up to what it shows. */
  private cross(market: Market, orders: readonly WorkingOrder[], at: number): void {
    for (const order of orders) {
      const { side, limit } = order.request;
      if (!order.isOpen || order.asleep) continue;
      if (!accepts(side, limit, bestOf(market, side))) return;
      const executable = this.desk.executable(market, order);
      const found = takeable(market, side, limit, executable);
      if (executable === 0) this.desk.end(market, order, 'expired', POSITION_GONE, at);
      else if (found === 0) return;
      else {
        const size = Math.min(executable, found);
        for (let left = size; left > 0;) left -= takeBest(market, side, left);
        this.desk.fill(market, order, lots(size), limit as Ticks, 'maker', at);
      }
    }
  }

  /** A public trade meets resting orders at its price and better; returns what they have left of it. */
  private hit(market: Market, list: readonly WorkingOrder[], price: Ticks, size: Lots, at: number): Lots {
    const [best] = list;
    if (best === undefined || !accepts(best.request.side, best.request.limit, price)) return size;
    let left: number = size;
    let atPrice = 0;
    let reachedPrice = Number.NaN;
    for (const order of [...list]) {
      const { side, limit = price } = order.request;
      const beyond = signOf(side) * (limit - price);
      if (beyond < 0) break;
      if (!order.isOpen || order.asleep) continue;
      let reach = left;
      if (beyond === 0) {
        if (Number.isNaN(reachedPrice)) reachedPrice = left;
        if (Number.isNaN(order.queueAhead)) this.queue.place(order, shownAt(market, side, price));
        const brought = this.queue.trade(order, reachedPrice);
        // Who stands before it is not known while the book is not: then only a trade through its price fills it.
        reach = market.depth?.whole === false ? 0 : brought - atPrice;
        this.desk.drift(order);
      }
      const made = this.make(market, order, Math.min(reach, left), at);
      left -= made;
      if (beyond === 0) atPrice += made;
    }
    return lots(left);
  }

  private make(market: Market, order: WorkingOrder, most: number, at: number): number {
    if (!(most > 0)) return 0;
    const size = Math.min(this.desk.executable(market, order), most);
    if (size === 0) this.desk.end(market, order, 'expired', POSITION_GONE, at);
    else this.desk.fill(market, order, lots(size), order.request.limit as Ticks, 'maker', at);
    return size;
  }

  /** Takes what stands, best level first; what is left rests, or ends if it must not rest. */
  private take(market: Market, order: WorkingOrder, at: number): void {
    const { side, limit, timeInForce } = order.request;
    const { desk } = this;
    let executable: number = desk.executable(market, order);
    if (executable === 0) {
      desk.end(market, order, 'expired', POSITION_GONE, at);
      return;
    }
    if (timeInForce === 'FOK' && Math.min(executable, takeable(market, side, limit, order.remaining)) < order.remaining)
      executable = 0;
    while (executable > 0 && order.isOpen) {
      const price = bestOf(market, side);
      if (!accepts(side, limit, price) || !(bestLotsOf(market, side) > 0)) break;
      if (!desk.selfTrade.admits(market, order, price, at)) return;
      const size = takeBest(market, side, executable);
      executable -= size;
      desk.fill(market, order, lots(size), price, 'taker', at);
    }
    this.leave(market, order, at);
  }

  /** Takes up to `shown` lots at one price. Returns what was taken. */
  private takeAt(market: Market, order: WorkingOrder, price: Ticks, shown: Lots, at: number): number {
    const { side, limit, timeInForce } = order.request;
    const executable = this.desk.executable(market, order);
    const offered = this.terms.tradeLiquidity === 'unlimited' ? executable : shown;
    let size = accepts(side, limit, price) ? Math.min(executable, offered) : 0;
    if (timeInForce === 'FOK' && size < order.remaining) size = 0;
    if (executable === 0) this.desk.end(market, order, 'expired', POSITION_GONE, at);
    else if (size > 0 && !this.desk.selfTrade.admits(market, order, price, at)) return 0;
    else if (size > 0) this.desk.fill(market, order, lots(size), price, 'taker', at);
    this.leave(market, order, at, this.lasts(order, price));
    return Math.min(size, shown);
  }

  /**
   * One print is not what the market holds: an order that takes at once takes from the next ones too, as long as they
   * are within its limit. A limit that is immediate is how a market order with a collar reaches a venue.
   */
  private lasts({ request: { side, limit, timeInForce } }: WorkingOrder, price: Ticks): boolean {
    if (this.terms.tradeLiquidity !== 'each_print') return false;
    return limit === undefined ? timeInForce === 'GTC' : timeInForce === 'IOC' && accepts(side, limit, price);
  }

  /** `lasts`: what is left waits for the next price. */
  private leave(market: Market, order: WorkingOrder, at: number, lasts = false): void {
    if (!order.isOpen || order.asleep) return;
    if (lasts || (order.triggered && isProtective(order.request))) {
      if (!order.waits) this.desk.wait(market, order);
    } else if (order.isImmediate)
      this.desk.end(market, order, 'expired', 'not_fillable: no more size at an acceptable price', at);
    else this.rest(market, order, at);
  }

  /** The order comes to rest behind what stands at its price. */
  private rest(market: Market, order: WorkingOrder, at: number): void {
    if (!this.desk.selfTrade.admits(market, order, order.request.limit as Ticks, at)) return;
    this.queueUp(market, order);
    this.desk.rest(market, order);
  }

  /** An order without a place in its queue goes behind what stands there now: the next print may take of that. */
  queueUp(market: Market, order: WorkingOrder): void {
    const { side, limit } = order.request;
    if (Number.isNaN(order.queueAhead) && limit !== undefined) this.queue.place(order, shownAt(market, side, limit));
  }
}
