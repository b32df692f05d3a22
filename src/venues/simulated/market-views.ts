import { Decimal } from '../../domain/decimal.js';
import { fault } from '../../domain/errors.js';
import { RATE_SCALE } from '../../domain/instrument.js';
import type { BookSnapshot, Candle, FundingRate, MarketSnapshot, Quote } from '../../domain/market.js';
import type { Market } from './market.js';
import { level } from './market-events.js';
import type { SimulatedVenue } from './venue.js';

const BPS = 10_000;

/** Throws VENUE-003 for an instrument the exchange does not trade. */
export function marketOf(venue: SimulatedVenue, symbol: string): Market {
  const market = venue.markets.get(symbol);
  if (market === undefined) throw fault('VENUE-003', `The exchange inside must trade ${symbol}; it does not.`, { fix: 'Add it to symbols and instruments.' });
  return market;
}

/** Only what is known. Throws VENUE-002 before the first price. */
export function quoteOf(market: Market): Quote {
  assertPriced(market);
  const { instrument, symbol, at } = market;
  return {
    symbol,
    ...(Number.isNaN(market.last) ? {} : { last: instrument.price(market.last) }),
    ...(market.quoted ? { bid: instrument.price(market.bid), bidSize: instrument.size(market.bidLots), ask: instrument.price(market.ask), askSize: instrument.size(market.askLots) } : {}),
    mark: instrument.markPrice(market.mark),
    ...(Number.isNaN(market.index) ? {} : { index: instrument.markPrice(market.index) }),
    ...(Number.isNaN(at) ? {} : { at }),
  };
}

/** The one level the exchange knows. */
export function orderBookOf(market: Market, depth: number): BookSnapshot {
  assertQuoted(market);
  const shown = depth > 0;
  return {
    symbol: market.symbol,
    bids: shown ? [level(market, market.bid, market.bidLots)] : [],
    asks: shown ? [level(market, market.ask, market.askLots)] : [],
    at: market.at,
  };
}

/** Closed candles of the exchange's own market. Throws VENUE-003 for an interval that its history cannot be grouped into. */
export function candlesOf(market: Market, intervalMs: number, limit: number, now: number): readonly Candle[] {
  const { history } = market;
  if (!(intervalMs > 0) || intervalMs % history.intervalMs !== 0) {
    throw fault('VENUE-003', `A candle interval of ${market.symbol} must be a multiple of ${history.intervalMs} ms, was ${intervalMs} ms.`);
  }
  return history.closed(intervalMs, limit, now);
}

/** Depth beyond the first level is not there: both depths are what the quote shows. */
export function snapshotOf(market: Market): MarketSnapshot {
  assertQuoted(market);
  const { instrument, at } = market;
  const mid = instrument.price(market.bid).plus(instrument.price(market.ask)).div(2);
  const spread = instrument.price(market.ask).minus(instrument.price(market.bid));
  const depth = instrument.money(instrument.notional(market.bid, market.bidLots)).plus(instrument.money(instrument.notional(market.ask, market.askLots)));
  const volume = instrument.spec.step.times(market.history.volumeOfLastMinute(at)).times(mid);
  return { symbol: market.symbol, mid, spreadBps: spread.div(mid).times(BPS), depthL1: depth, depthL10: depth, volume1m: volume, at };
}

/** Throws VENUE-002 while no rate is known. */
export function fundingRateOf(market: Market, now: number): FundingRate {
  const { currentRate, nextAt } = market.funding;
  if (currentRate === undefined) throw fault('VENUE-002', `The funding rate of ${market.symbol} is not known.`);
  const rate = new Decimal(currentRate).toDecimalPlaces(Math.log10(RATE_SCALE));
  return { symbol: market.symbol, rate, at: now, ...(Number.isFinite(nextAt) ? { nextAt } : {}) };
}

function assertPriced(market: Market): void {
  if (!market.hasPrice) throw fault('VENUE-002', `No price of ${market.symbol} has been seen yet.`, { fix: 'Ask again once the market has opened.' });
}

function assertQuoted(market: Market): void {
  if (!market.quoted) throw fault('VENUE-002', `No quote of ${market.symbol} stands.`, { fix: 'A market made of bars has no book.' });
}
