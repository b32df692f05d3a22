import { feeOf } from '../../../domain/fees.js';
import { closesPosition, type OrderRequest } from '../../../domain/order.js';
import { units } from '../../../domain/units.js';
import type { CancelResult } from '../../../ports/venue/cancel-result.js';
import type { OrderRef } from '../../../ports/venue/order-ref.js';
import type { SubmitResult } from '../../../ports/venue/submit-result.js';
import { isDue } from './liquidation-triggers.js';
import { initialMargin } from '../core/margin.js';
import type { Market } from '../core/market.js';
import { leverageFor, orderPrice, prospective, refusalOf, type Refusal } from './order-validation.js';
import { inOwnTerms } from './own-terms.js';
import type { QuoteMatching } from './quote-matching.js';
import { onlyReduces } from '../core/request-kinds.js';
import type { OrderContext } from './order-context.js';
import type { WorkingOrder } from '../core/working-order.js';

/** Where orders and cancellations enter. */
export class OrderIntake {
  constructor(
    private readonly parts: OrderContext,
    private readonly matching: QuoteMatching,
  ) {}

  submit(request: OrderRequest): SubmitResult {
    const at = this.parts.now;
    this.passTime(request.symbol, at);
    const checked = this.check(request);
    if ('reason' in checked) return { outcome: 'rejected', reason: checked.reason, message: checked.message, at };
    const { market, own } = checked;
    // What only reduces has passed no check of leverage, and changes none.
    if (own.leverage !== undefined && !onlyReduces(own) && market.instrument.spec.kind !== 'spot')
      this.parts.account.leverages.set(market.symbol, own.leverage);
    const order = this.parts.desk.accept(market, own, orderPrice(own, market), at);
    this.matching.arrive(market, order, this.parts.terms.halfSpread, at);
    return { outcome: 'accepted', venueId: order.venueId, at };
  }

  preview(request: OrderRequest): Readonly<Record<string, unknown>> {
    const checked = this.check(request);
    if ('reason' in checked) return { accepted: false, reason: checked.reason, message: checked.message };
    const { market, own } = checked;
    const { instrument } = market;
    const price = orderPrice(own, market);
    const value = instrument.notional(price, own.lots);
    const leverage = leverageFor(own, { account: this.parts.account, market });
    const extra = onlyReduces(own) ? undefined : prospective(own, { market, rules: this.parts.terms });
    return {
      accepted: true,
      price: instrument.price(price).toString(),
      size: closesPosition(own) ? null : own.size.toString(),
      notional: instrument.money(value).toString(),
      fee: instrument
        .money(feeOf(value, this.parts.account.schedule.rateOf(market, 'taker', this.parts.now)))
        .toString(),
      initial_margin: instrument
        .money(units(initialMargin(market, leverage, extra && { ...extra, loss: 0 })))
        .toString(),
      open_loss: instrument.money(units(extra?.loss ?? 0)).toString(),
      leverage,
    };
  }

  cancel(ref: OrderRef): CancelResult {
    const at = this.parts.now;
    this.passTime(ref.symbol, at);
    const found = this.findOpen(ref);
    if (found === undefined) return { outcome: 'not_open', ref };
    this.parts.desk.end(found.market, found.order, 'cancelled', 'requested', at);
    return { outcome: 'cancelled', ref, at };
  }

  /** What fell due before it comes first: funding where it may execute at once, the ends of orders always. */
  private passTime(symbol: string, at: number): void {
    const market = this.parts.markets.get(symbol);
    const { asked } = this.parts;
    if (market !== undefined && market.book.due.nextAt <= asked) this.parts.fallDue(market, asked);
    else if (market?.quoted === true) this.parts.fallDue(market, at);
    // A bar's position is looked at on its path.
    if (market?.quoted === true && isDue(market)) this.parts.liquidator.look(market, at);
  }

  private findOpen(ref: OrderRef): { readonly market: Market; readonly order: WorkingOrder } | undefined {
    const order = this.parts.desk.find(ref);
    const market = order === undefined ? undefined : this.parts.markets.get(order.request.symbol);
    return order === undefined || market === undefined || !order.isOpen ? undefined : { market, order };
  }

  /** A known id comes before everything else: its order exists, so no other answer about it would be true. */
  private check(request: OrderRequest): Refusal | { readonly market: Market; readonly own: OrderRequest } {
    const { markets, account, desk, terms: rules, asked: at } = this.parts;
    if (desk.byClientId.has(request.clientId))
      return { reason: 'duplicate_client_id', message: `Client id ${request.clientId} has been used.` };
    const market = markets.get(request.symbol);
    if (request.expiresAt !== undefined && !(request.expiresAt >= (market?.since(at) ?? at)))
      return { reason: 'expired', message: `The request expired at ${request.expiresAt}, it is ${at}.` };
    if (market === undefined) return { reason: 'unknown_symbol', message: `${request.symbol} is not traded here.` };
    const own = inOwnTerms(request, market.instrument);
    if ('reason' in own) return own;
    return refusalOf(own, { market, account, markets, desk, rules, at }) ?? { market, own };
  }
}
