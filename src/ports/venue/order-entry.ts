import type { OrderRequest } from '../../domain/order.js';
import { token } from '../../injection/token.js';
import type { CancelResult } from './cancel-result.js';
import type { OrderAmendment } from './order-amendment.js';
import type { OrderRef } from './order-ref.js';
import type { AmendResult, SubmitResult } from './submit-result.js';

/**
 * Everything that moves an order. A wire failure is never thrown: it is the outcome `unknown`. What the venue has no
 * words for is thrown (VENUE-003) before anything has left. A venue that asks for a
 * pause (`Retry-After`) is obeyed where its answer says so in `retryAfterMs`.
 */
export interface OrderEntry {
  placeOrder(request: OrderRequest): Promise<SubmitResult>;
  cancelOrder(ref: OrderRef): Promise<CancelResult>;
  /** Every open order (of one symbol). Where `capabilities.cancelAll`. */
  cancelAll(symbol?: string): Promise<readonly CancelResult[]>;
  /**
   * Changes price or size of a resting order, where `capabilities.amend`. It keeps its client id; its place in the
   * queue by the venue's rule. A change may end it.
   */
  amendOrder(change: OrderAmendment): Promise<AmendResult>;
  /** Several at once, each with its own outcome, in the order given. At most `capabilities.batch` of them. */
  placeOrders(requests: readonly OrderRequest[]): Promise<readonly SubmitResult[]>;
  cancelOrders(refs: readonly OrderRef[]): Promise<readonly CancelResult[]>;
  /** What the venue would answer; changes nothing. Where `capabilities.preview`. */
  previewOrder(request: OrderRequest): Promise<Readonly<Record<string, unknown>>>;
  /**
   * Cancels every open order (of one symbol) unless called again within `countdownMs`; undefined switches it off.
   * Resolved: the venue has taken it. Where `capabilities.deadMan`, which says what it ends.
   */
  setDeadMan(countdownMs: number | undefined, symbol?: string): Promise<void>;
}
export const OrderEntry = token<OrderEntry>('OrderEntry');
