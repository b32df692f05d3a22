import type { BookLevel } from '../../domain/market.js';
import type { BookEvent, TradeEvent } from '../../ports/brokerage.js';
import type { Lots, Ticks } from '../../domain/units.js';
import type { Market } from './market.js';

/** What is known of the top of the book and the last price; made only when somebody listens. */
export function bookEvent(market: Market): BookEvent {
  const bid = market.quoted ? { bid: level(market, market.bid, market.bidLots), ask: level(market, market.ask, market.askLots) } : {};
  const last = Number.isNaN(market.last) ? {} : { last: market.instrument.price(market.last) };
  return { kind: 'book', symbol: market.symbol, ...bid, ...last, at: market.at };
}

export const tradeEvent = (market: Market, price: Ticks, size: Lots, at: number): TradeEvent => ({
  kind: 'trade',
  symbol: market.symbol,
  price: market.instrument.price(price),
  size: market.instrument.size(size),
  at,
});

export const level = (market: Market, price: Ticks, size: Lots): BookLevel => ({ price: market.instrument.price(price), size: market.instrument.size(size) });
