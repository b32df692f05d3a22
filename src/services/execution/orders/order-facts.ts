import type { OrderChange, OrderRequest, OrderTerms, PendingChange } from '../../../domain/order.js';
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

/** A change, beside the terms that it is to change. */
export const changeFacts = (request: OrderRequest, changing: PendingChange): Payload => ({
  client_id: request.clientId,
  symbol: request.symbol,
  old: { quantity: request.instrument.sizeText(request.lots), ...pricesOf(request, request) },
  new: {
    ...(changing.lots === undefined ? {} : { quantity: request.instrument.sizeText(changing.lots) }),
    ...pricesOf(request, changing),
  },
  asked_at: changing.askedAt,
  anew: changing.anew === true,
});

const pricesOf = ({ instrument }: OrderRequest, { limit, stop }: OrderChange): Record<string, string> => ({
  ...(limit === undefined ? {} : { limit_price: instrument.priceText(limit) }),
  ...(stop === undefined ? {} : { stop_price: instrument.priceText(stop) }),
});
