import type { VenueOrderId } from '../../domain/order.js';
import type { StatusReport } from '../../domain/order-state.js';
import type { OrderRef } from './order-ref.js';
import type { VenueOrder } from './venue-order.js';

export type RejectReason =
  | 'insufficient_margin'
  | 'post_only_would_take'
  | 'reduce_only'
  | 'duplicate_client_id'
  | 'price_filter'
  | 'lot_size'
  | 'min_notional'
  | 'max_orders'
  | 'leverage'
  | 'market_closed'
  | 'unknown_symbol'
  | 'unsupported'
  | 'expired'
  | 'not_fillable'
  | 'would_trigger'
  | 'no_liquidity'
  | 'throttled'
  | 'other';

export interface Accepted {
  readonly outcome: 'accepted';
  readonly venueId: VenueOrderId;
  readonly at: number;
  /**
   * `received`: the venue has the order and its engine may still refuse it; the account stream then says
   * `rejected_late`, with a reason that begins with a `RejectReason`. Absent or `working`: the engine has taken it.
   */
  readonly stage?: 'received' | 'working';
  /**
   * What the answer tells of the order besides its name: what it has filled, that it has ended. Its fills come one by
   * one by the stream or the history all the same.
   */
  readonly order?: VenueOrder;
}

export interface Rejected {
  readonly outcome: 'rejected';
  readonly reason: RejectReason;
  readonly message: string;
  readonly at: number;
  /** How long the venue wants to be left alone: its `Retry-After`. */
  readonly retryAfterMs?: number;
}

export interface OutcomeUnknown {
  readonly outcome: 'unknown';
  readonly ref: OrderRef;
  readonly cause: string;
  readonly retryAfterMs?: number;
}

/** Only an explicit refusal of the venue is `rejected`; everything that leaves us not knowing is `unknown`. */
export type SubmitResult = Accepted | Rejected | OutcomeUnknown;

/**
 * What became of a change. `rejected`: the order lives on as it was. `ended`: the change has ended it (a size that has
 * filled already, a post-only price that would take). The name in `accepted` is another one where the venue replaces.
 */
export type AmendResult =
  SubmitResult | { readonly outcome: 'ended'; readonly ref: OrderRef; readonly report: StatusReport };
