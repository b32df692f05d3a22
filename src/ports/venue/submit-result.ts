import type { OrderRef } from './order-ref.js';

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
  | 'other';

/** Only an explicit refusal of the venue is `rejected`; everything that leaves us not knowing is `unknown`. */
export type SubmitResult =
  | { readonly outcome: 'accepted'; readonly venueId: string; readonly at: number }
  | { readonly outcome: 'rejected'; readonly reason: RejectReason; readonly message: string; readonly at: number }
  | { readonly outcome: 'unknown'; readonly ref: OrderRef; readonly cause: string };
