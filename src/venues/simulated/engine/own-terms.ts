import { OrderRequest, type OrderTerms } from '../../../domain/order.js';
import type { Instrument } from '../../../domain/instrument.js';
import type { Refusal } from './order-validation.js';

/**
 * The request in the venue's own ticks and steps. A sender whose tick or step differs is taken at its decimals, and
 * refused when they are no whole number of ours.
 */
export function inOwnTerms(request: OrderRequest, own: Instrument): OrderRequest | Refusal {
  const { instrument } = request;
  if (instrument === own || (instrument.spec.tick.eq(own.spec.tick) && instrument.spec.step.eq(own.spec.step)))
    return request;
  const { size, price, stopPrice } = request;
  if (!size.mod(own.spec.step).isZero())
    return {
      reason: 'lot_size',
      message: `The size must be a multiple of ${own.spec.step.toString()}, was ${size.toString()}.`,
    };
  const activation =
    request.options?.activation === undefined ? undefined : instrument.price(request.options.activation);
  for (const value of [price, stopPrice, activation]) {
    if (value !== undefined && !value.mod(own.spec.tick).isZero()) {
      return {
        reason: 'price_filter',
        message: `A price must be a multiple of ${own.spec.tick.toString()}, was ${value.toString()}.`,
      };
    }
  }
  const terms: OrderTerms = request;
  return new OrderRequest({
    ...terms,
    instrument: own,
    lots: own.toLots(size),
    ...(price === undefined ? {} : { limit: own.toTicks(price, 'nearest') }),
    ...(stopPrice === undefined ? {} : { stop: own.toTicks(stopPrice, 'nearest') }),
    ...(activation === undefined
      ? {}
      : { options: { ...request.options, activation: own.toTicks(activation, 'nearest') } }),
  });
}
