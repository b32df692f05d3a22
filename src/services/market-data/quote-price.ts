import { isPositive, type Decimal } from '../../domain/decimal.js';
import { fault } from '../../domain/errors.js';
import type { Quote } from '../../domain/market.js';

/**
 * The price of a polled quote: `last`, else the middle of bid and ask, which have one only where they neither meet nor
 * cross. A last price that is there and not positive is an error, not a reason to look further. Throws DATA-001; a
 * missing price is never zero.
 */
export function priceOf(symbol: string, quote: Quote | null | undefined): Decimal {
  if (quote === undefined || quote === null) throw fault('DATA-001', `Quote of ${symbol} must be there, was missing.`);
  const { bid, ask } = quote;
  const last: Decimal | null | undefined = quote.last;
  if (last !== undefined && last !== null) {
    if (last.isFinite() && last.gt(0)) return last;
    throw fault('DATA-001', `Price of ${symbol} must be positive, was ${last.toString()}.`);
  }
  if (isPositive(bid) && isPositive(ask) && bid.lt(ask)) return bid.plus(ask).div(2);
  throw fault('DATA-001', `Quote of ${symbol} must have a last price, or a bid below its ask, had neither.`);
}
