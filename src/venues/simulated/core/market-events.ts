import type { InstrumentSpec } from '../../../domain/instrument.js';
import type { BookLevel } from '../../../domain/market.js';
import type {
  BookEvent,
  DepthEvent,
  InstrumentEvent,
  MarkEvent,
  TradeEvent,
} from '../../../ports/venue/market-event.js';
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

/** Levels of a side that are told. */
const SHOWN = 50;

/** What others show, whole in each message. */
export function depthEvent(market: Market, number: number, at: number): DepthEvent {
  const [bids, asks] = [levelsOf(market, 'buy', SHOWN), levelsOf(market, 'sell', SHOWN)];
  return { kind: 'depth', symbol: market.symbol, type: 'snapshot', bids, asks, sequence: { last: number }, at };
}

/** Levels on which orders of `side` rest, best first. */
export function levelsOf(market: Market, side: Side, most: number): BookLevel[] {
  const levels = market.depth?.beside(side);
  const shown: BookLevel[] = [];
  if (levels === undefined) return shown;
  for (let price = levels.best; shown.length < most && !Number.isNaN(price); price = levels.next(price))
    shown.push(level(market, price, levels.at(price)));
  return shown;
}

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
