import type { InstrumentSpec } from '../../../domain/instrument.js';
import type { BookLevel } from '../../../domain/market.js';
import type { BookEvent, InstrumentEvent, MarkEvent, TradeEvent } from '../../../ports/venue/market-event.js';
import type { Side } from '../../../domain/order.js';
import type { Lots, Ticks } from '../../../domain/units.js';
import type { Market } from './market.js';

/** What is known of the top of the book and the last price; made only when somebody listens. */
export function bookEvent(market: Market): BookEvent {
  const bid = market.quoted && !Number.isNaN(market.bid) ? { bid: level(market, market.bid, market.bidLots) } : {};
  const ask = market.quoted && !Number.isNaN(market.ask) ? { ask: level(market, market.ask, market.askLots) } : {};
  const last = Number.isNaN(market.last) ? {} : { last: market.instrument.price(market.last) };
  return { kind: 'book', symbol: market.symbol, ...bid, ...ask, ...last, at: market.at };
}

/** What the venue values positions by. */
export function markEvent(market: Market, at: number): MarkEvent {
  const { instrument, symbol, mark, index } = market;
  return {
    kind: 'mark',
    symbol,
    ...(market.hasPrice ? { mark: instrument.markPrice(mark) } : {}),
    ...(Number.isNaN(index) ? {} : { index: instrument.markPrice(index) }),
    at,
  };
}

/** As the exchange lists it now. */
export const listedAs = ({ instrument: { spec }, tradable }: Market): InstrumentSpec =>
  tradable ? spec : { ...spec, status: 'halted' };

export const instrumentEvent = (market: Market, at: number): InstrumentEvent => ({
  kind: 'instrument',
  symbol: market.symbol,
  status: market.tradable ? 'trading' : 'halted',
  spec: listedAs(market),
  at,
});

export const tradeEvent = (market: Market, price: Ticks, size: Lots, at: number, side?: Side): TradeEvent => ({
  kind: 'trade',
  symbol: market.symbol,
  price: market.instrument.price(price),
  size: market.instrument.size(size),
  ...(side === undefined ? {} : { side }),
  at,
});

export const level = (market: Market, price: Ticks, size: Lots): BookLevel => ({
  price: market.instrument.price(price),
  size: market.instrument.size(size),
});
