import type { OrderRequest, Side } from '../../../../domain/order.js';
import { ticks, type Ticks } from '../../../../domain/units.js';
import type { RejectReason } from '../../../../ports/venue/submit-result.js';
import type { SimulatedAccount } from '../../core/simulated-account.js';
import { takerPrice, type Market } from '../../core/market.js';
import type { OrderDesk } from '../order-desk.js';
import type { WorkingOrder } from '../../core/working-order.js';

/** Rules of the venue that are no property of one instrument. */
export interface VenueRules {
  /** Open orders per instrument. */
  readonly maxOpenOrders: number;
  /** How many of them may wait for a trigger. */
  readonly maxConditionalOrders: number;
  /** How far a price may give away from the mark, an integer of RATE_SCALE; undefined: any distance. */
  readonly priceBand: number | undefined;
  /** Half of the spread that bars are given, an integer of RATE_SCALE. */
  readonly halfSpread: number;
}

export interface Refusal {
  readonly reason: RejectReason;
  readonly message: string;
}

/** What the checks look at. */
export interface RuleContext {
  readonly market: Market;
  readonly account: SimulatedAccount;
  readonly markets: ReadonlyMap<string, Market>;
  readonly desk: OrderDesk;
  readonly rules: VenueRules;
  /** Time of the venue. */
  readonly at: number;
  /** The open order that the request is to replace. It is out of the book while it is checked. */
  readonly amends?: WorkingOrder;
}

export type RuleCheck = (request: OrderRequest, context: RuleContext) => Refusal | undefined;

export const no = (reason: RejectReason, message: string): Refusal => ({ reason, message });

/**
 * Price that an order of `side` would meet at market: the quote, else the last price and half a spread; NaN for none.
 */
export const metPrice = (market: Market, side: Side, halfSpread: number): Ticks =>
  market.quoted
    ? side === 'buy'
      ? market.ask
      : market.bid
    : Number.isNaN(market.last)
      ? market.last
      : takerPrice(side, market.last, halfSpread);

/** Price at which an order is valued: its limit, its trigger, else the mark rounded up to the tick. */
export const orderPrice = (request: OrderRequest, market: Market): Ticks =>
  request.limit ?? request.stop ?? ticks(Math.max(1, Math.ceil(market.mark / market.instrument.marksPerTick)));
