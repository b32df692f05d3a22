import { closesPosition, OrderRequest, type OrderTerms } from '../../../domain/order.js';
import type { Capabilities } from '../../../ports/venue/capabilities.js';

/**
 * The request as a venue reads it: what closes the position is not called reduce-only beside that, and a leverage goes
 * with an order only where each order has its own.
 */
export function onWire(request: OrderRequest, { leverage: scope }: Pick<Capabilities, 'leverage'>): OrderRequest {
  const isClosing = request.reduceOnly && closesPosition(request);
  const isOfSymbol = request.leverage !== undefined && scope !== 'per_order';
  if (!isClosing && !isOfSymbol) return request;
  const terms: OrderTerms = request;
  const { leverage, ...others } = terms;
  const kept = isOfSymbol || leverage === undefined ? others : { ...others, leverage };
  return new OrderRequest(isClosing ? { ...kept, reduceOnly: false } : kept);
}
