import type { OrderRef } from './order-ref.js';

export type CancelResult =
  | { readonly outcome: 'cancelled'; readonly ref: OrderRef; readonly at: number }
  /** The venue has taken the request and not said yet what becomes of it: the order may end, or fill before. */
  | { readonly outcome: 'requested'; readonly ref: OrderRef; readonly at: number }
  /** Nothing left to cancel: look the order up, it may have filled. */
  | { readonly outcome: 'not_open'; readonly ref: OrderRef }
  | { readonly outcome: 'unknown'; readonly ref: OrderRef; readonly cause: string; readonly retryAfterMs?: number };
