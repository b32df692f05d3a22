import { feeOf } from '../../domain/fees.js';
import type { OrderRequest } from '../../domain/order.js';
import type { CancelResult, OrderRef, SubmitResult } from '../../ports/brokerage.js';
import { initialMargin } from './margin.js';
import type { Market } from './market.js';
import { leverageFor, orderPrice, refusalOf, type Refusal } from './order-validation.js';
import { inOwnTerms } from './own-terms.js';
import type { QuoteMatching } from './quote-matching.js';
import type { VenueParts } from './venue-parts.js';

/** Where orders and cancellations enter. */
export class OrderEntry {
  constructor(
    private readonly parts: VenueParts,
    private readonly matching: QuoteMatching,
  ) {}

  submit(request: OrderRequest): SubmitResult {
    const at = this.now();
    const quoted = this.parts.markets.get(request.symbol);
    // It may execute at once: what fell due before it comes first.
    if (quoted?.quoted === true) this.parts.fund(quoted, at);
    const checked = this.check(request, at);
    if ('reason' in checked) return { outcome: 'rejected', reason: checked.reason, message: checked.message, at };
    const { market, own } = checked;
    if (own.leverage !== undefined && market.instrument.spec.kind !== 'spot') this.parts.account.leverages.set(market.symbol, own.leverage);
    const order = this.parts.desk.accept(own, orderPrice(own, market), at);
    this.matching.arrive(market, order, this.parts.terms.halfSpread, at);
    return { outcome: 'accepted', venueId: order.venueId, at };
  }

  preview(request: OrderRequest): Readonly<Record<string, unknown>> {
    const checked = this.check(request, this.now());
    if ('reason' in checked) return { accepted: false, reason: checked.reason, message: checked.message };
    const { market, own } = checked;
    const { instrument } = market;
    const price = orderPrice(own, market);
    const value = instrument.notional(price, own.lots);
    const leverage = leverageFor(own, { account: this.parts.account, market });
    const extra = own.reduceOnly ? undefined : { side: own.side, value };
    return {
      accepted: true,
      price: instrument.price(price).toString(),
      size: own.size.toString(),
      notional: instrument.money(value).toString(),
      fee: instrument.money(feeOf(value, market.takerRate)).toString(),
      initial_margin: instrument.money(initialMargin(market, leverage, extra)).toString(),
      leverage,
    };
  }

  cancel(ref: OrderRef): CancelResult {
    const at = this.now();
    const order = this.parts.desk.find(ref);
    const market = order === undefined ? undefined : this.parts.markets.get(order.request.symbol);
    if (order === undefined || market === undefined || !order.isOpen) return { outcome: 'not_open', ref };
    this.parts.desk.end(market, order, 'cancelled', 'requested', at);
    return { outcome: 'cancelled', ref, at };
  }

  /** A known id comes before everything else: its order exists, so no other answer about it would be true. */
  private check(request: OrderRequest, at: number): Refusal | { readonly market: Market; readonly own: OrderRequest } {
    if (this.parts.desk.byClientId.has(request.clientId)) return { reason: 'duplicate_client_id', message: `Client id ${request.clientId} has been used.` };
    if (request.expiresAt !== undefined && !(request.expiresAt >= at)) return { reason: 'expired', message: `The request expired at ${request.expiresAt}, it is ${at}.` };
    const { markets, account, terms: rules } = this.parts;
    const market = markets.get(request.symbol);
    if (market === undefined) return { reason: 'unknown_symbol', message: `${request.symbol} is not traded here.` };
    const own = inOwnTerms(request, market.instrument);
    if ('reason' in own) return own;
    return refusalOf(own, { market, account, markets, rules }) ?? { market, own };
  }

  /** Before the first event there is no time, and no order is taken either. */
  private now(): number {
    return Number.isNaN(this.parts.time) ? 0 : this.parts.time;
  }
}
