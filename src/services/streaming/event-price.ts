import { isPositive, type Decimal } from '../../domain/decimal.js';
import type { BookEvent, TradeEvent } from '../../ports/venue/market-event.js';

/** Price of a streamed event: the middle of bid and ask, else the last price; undefined when neither is positive. */
export function priceOfEvent(event: BookEvent | TradeEvent): Decimal | undefined {
  if (event.kind === 'trade') return isPositive(event.price) ? event.price : undefined;
  const bid = event.bid?.price;
  const ask = event.ask?.price;
  if (isPositive(bid) && isPositive(ask)) return bid.plus(ask).div(2);
  return isPositive(event.last) ? event.last : undefined;
}
