import { isPositive, type Decimal } from '../../domain/decimal.js';
import type { ToldPrices } from '../../ports/market-data/market-data.js';
import type { BookEvent, TradeEvent } from '../../ports/venue/market-event.js';

/**
 * Price of a streamed event: the middle of bid and ask where they do not meet or cross, else the last price; undefined
 * when neither is positive.
 */
export function priceOfEvent(event: BookEvent | TradeEvent): Decimal | undefined {
  if (event.kind === 'trade') return isPositive(event.price) ? event.price : undefined;
  const bid = event.bid?.price;
  const ask = event.ask?.price;
  if (isPositive(bid) && isPositive(ask) && bid.lt(ask)) return bid.plus(ask).div(2);
  return isPositive(event.last) ? event.last : undefined;
}

/** What an event tells beside the mark of the window. */
export function toldBy(event: BookEvent | TradeEvent): ToldPrices {
  if (event.kind === 'trade') return { last: event.price };
  const { bid, ask, last } = event;
  return {
    ...(bid === undefined ? {} : { bid: bid.price }),
    ...(ask === undefined ? {} : { ask: ask.price }),
    ...(last === undefined ? {} : { last }),
  };
}
