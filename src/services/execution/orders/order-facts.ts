import type { OrderRequest, OrderTerms } from '../../../domain/order.js';
import type { Payload } from '../../../ports/storage/event-store.js';

type Terms = Pick<OrderTerms, 'instrument' | 'side' | 'lots' | 'limit'>;

/** What every record about an order says of it. */
export const orderFacts = (terms: Terms): { symbol: string; side: string; quantity: string; price: string } => ({
  symbol: terms.instrument.symbol,
  side: terms.side,
  quantity: terms.instrument.sizeText(terms.lots),
  price: terms.limit === undefined ? 'market' : terms.instrument.priceText(terms.limit),
});

export const requestFacts = (request: OrderRequest): Payload => ({
  client_id: request.clientId,
  ...orderFacts(request),
  order_type: request.type,
  tif: request.timeInForce,
  reduce_only: request.reduceOnly,
});
