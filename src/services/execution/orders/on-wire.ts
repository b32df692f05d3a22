import { closesPosition, OrderRequest, type OrderTerms } from '../../../domain/order.js';

/** The request as a venue reads it: what closes the position is not called reduce-only beside that. */
export function onWire(request: OrderRequest): OrderRequest {
  if (!request.reduceOnly || !closesPosition(request)) return request;
  const terms: OrderTerms = request;
  return new OrderRequest({ ...terms, reduceOnly: false });
}
