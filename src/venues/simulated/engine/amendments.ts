import { OrderRequest, type OrderTerms } from '../../../domain/order.js';
import type { OrderAmendment } from '../../../ports/venue/order-amendment.js';
import type { AmendResult, Rejected, RejectReason } from '../../../ports/venue/submit-result.js';
import { isDue } from './liquidation-triggers.js';
import type { Market } from '../core/market.js';
import { orderPrice, refusalOf } from './order-validation.js';
import type { QuoteMatching } from './quote-matching.js';
import type { OrderContext } from './order-context.js';
import type { WorkingOrder } from '../core/working-order.js';

const rejected = (reason: RejectReason, message: string, at: number): Rejected => ({
  outcome: 'rejected',
  reason,
  message,
  at,
});

/**
 * Changes prices or size of an open order in place: of what rests at a limit, and of what waits for its trigger.
 * Another price or a larger size goes to the back of the queue, a smaller size keeps its place; a size that has filled
 * already ends the order. The new terms pass the same filters as a new order, and take at once where they would.
 * Source: Binance USD-M, "Modify Order", for limit orders; it amends no triggers. A trigger that is reached already is
 * refused and leaves the order; a trailing stop keeps what it has followed.
 */
export class Amendments {
  constructor(
    private readonly parts: OrderContext,
    private readonly matching: QuoteMatching,
  ) {}

  amend(change: OrderAmendment): AmendResult {
    const at = this.parts.now;
    const { desk, markets, asked } = this.parts;
    const order = desk.find(change.ref);
    const market = order === undefined ? undefined : markets.get(order.request.symbol);
    if (order === undefined || market === undefined)
      return rejected('other', `Order ${change.ref.clientId} is not known.`, at);
    this.parts.fallDue(market, market.book.due.nextAt <= asked ? asked : at);
    if (market.quoted && isDue(market)) this.parts.liquidator.look(market, at);
    if (change.expiresAt !== undefined && !(change.expiresAt >= market.since(asked)))
      return rejected('expired', `The request expired at ${change.expiresAt}, it is ${asked}.`, at);
    if (!order.isOpen) return rejected('other', `Order ${change.ref.clientId} is not open.`, at);
    const { request } = order;
    if (!order.isStop && (request.limit === undefined || change.stop !== undefined))
      return rejected('unsupported', 'An order at market, and a trigger that has fired, cannot be amended.', at);
    const { limit = request.limit, stop = request.stop, lots = request.lots } = change;
    if (limit === request.limit && stop === request.stop && lots === request.lots)
      return rejected('other', 'The amended order must differ from the open one.', at);
    // What the exits of its bracket have closed together it does not close again.
    if (lots > 0 && lots <= (order.exits?.filled ?? order.filled)) {
      desk.end(market, order, 'cancelled', 'amended: its size has filled already', at);
      return { outcome: 'ended', ref: change.ref, report: order.report() };
    }
    const terms: OrderTerms = request;
    const prices = { ...(limit === undefined ? {} : { limit }), ...(stop === undefined ? {} : { stop }) };
    return this.replace(market, order, new OrderRequest({ ...terms, lots, ...prices }), at);
  }

  private replace(market: Market, order: WorkingOrder, amended: OrderRequest, at: number): AmendResult {
    const { desk, account, markets, terms: rules, outbox } = this.parts;
    const before = order.request;
    const place = market.book.remove(order);
    const refusal = refusalOf(amended, { market, account, markets, desk, rules, at, amends: order });
    if (refusal !== undefined) {
      if (place !== undefined) market.book.putBack(order, place);
      return rejected(refusal.reason, refusal.message, at);
    }
    const movesPrice = amended.limit !== before.limit || amended.stop !== before.stop;
    const losesPlace = movesPrice || amended.lots > before.lots;
    order.amend(amended);
    order.marginPrice = orderPrice(amended, market);
    order.updatedAt = Math.max(order.updatedAt, at);
    if (losesPlace) {
      desk.toBack(order);
      order.since = at;
    }
    outbox.order(order);
    if (movesPrice && !order.asleep && !order.isStop) this.matching.arrive(market, order, rules.halfSpread, at);
    else if (place !== undefined) {
      market.book.putBack(order, place);
      if (place === market.book.bids || place === market.book.asks) this.matching.queueUp(market, order);
    }
    return { outcome: 'accepted', venueId: order.venueId, at };
  }
}
