import { OrderRequest, type OrderTerms, type PositionMode } from '../../../domain/order.js';

/**
 * A request whose sender knows one net position, in the words of a hedged account: what only reduces closes the side it
 * is against, everything else adds to its own side. The net of both positions is then what the sender's books say.
 */
export function forMode(request: OrderRequest, mode: PositionMode): OrderRequest {
  if (mode === 'one_way' || request.instrument.spec.kind === 'spot' || request.options?.positionSide !== undefined)
    return request;
  const terms: OrderTerms = request;
  const reduces = request.reduceOnly || request.options?.closePosition === true;
  const positionSide = (request.side === 'buy') !== reduces ? 'long' : 'short';
  return new OrderRequest({ ...terms, reduceOnly: false, options: { ...request.options, positionSide } });
}
