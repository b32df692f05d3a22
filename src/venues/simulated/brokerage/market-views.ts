import { Decimal } from '../../../domain/decimal.js';
import { fault } from '../../../domain/errors.js';
import { RATE_SCALE } from '../../../domain/instrument.js';
import type { BookLevel, BookSnapshot, Candle, FundingRate, MarketSnapshot, Quote } from '../../../domain/market.js';
import type { Side } from '../../../domain/order.js';
import type { Market } from '../core/market.js';
import { level, levelsOf as depthLevelsOf } from '../core/market-events.js';
import type { SimulatedVenue } from './venue.js';

const BPS = 10_000;

/** Throws VENUE-003 for an instrument the exchange does not trade. */
export function marketOf(venue: SimulatedVenue, symbol: string): Market {
  const market = venue.markets.get(symbol);
  if (market === undefined)
    throw fault('VENUE-003', `The exchange inside must trade ${symbol}; it does not.`, {
      fix: 'Add it to symbols and instruments.',
    });
  return market;
}

/** Only what is known. Throws DATA-008 before the first price of what is told of the market now. */
export function quoteOf(market: Market): Quote {
  assertPriced(market);
  const { instrument, symbol, at } = market;
  return {
    symbol,
    ...(Number.isNaN(market.last) ? {} : { last: instrument.price(market.last) }),
    ...(hasSide(market, 'buy') ? { bid: instrument.price(market.bid), bidSize: instrument.size(market.bidLots) } : {}),
    ...(hasSide(market, 'sell') ? { ask: instrument.price(market.ask), askSize: instrument.size(market.askLots) } : {}),
    mark: instrument.markPrice(market.mark),
    ...(Number.isNaN(market.index) ? {} : { index: instrument.markPrice(market.index) }),
    ...(Number.isNaN(at) ? {} : { at }),
  };
}

/** What others show: every level asked for where the data has depth, else the one of the quote. */
export function orderBookOf(market: Market, depth: number): BookSnapshot {
  assertQuoted(market);
  return {
    symbol: market.symbol,
    bids: levelsOf(market, 'buy', depth),
    asks: levelsOf(market, 'sell', depth),
    at: market.at,
  };
}

function levelsOf(market: Market, side: Side, most: number): BookLevel[] {
  if (market.depth === undefined)
    return most > 0 && hasSide(market, side)
      ? [side === 'buy' ? level(market, market.bid, market.bidLots) : level(market, market.ask, market.askLots)]
      : [];
  return depthLevelsOf(market, side, most);
}

const hasSide = (market: Market, side: Side): boolean =>
  market.quoted && !Number.isNaN(side === 'buy' ? market.bid : market.ask);

/**
 * Closed candles of the exchange's own market. Throws VENUE-003 for an interval that its history cannot be grouped
 * into.
 */
export function candlesOf(market: Market, intervalMs: number, limit: number, now: number): readonly Candle[] {
  const { history } = market;
  if (!(intervalMs > 0) || intervalMs % history.intervalMs !== 0) {
    throw fault(
      'VENUE-003',
      `A candle interval of ${market.symbol} must be a multiple of ${history.intervalMs} ms, was ${intervalMs} ms.`,
    );
  }
  return history.closed(intervalMs, limit, now);
}

/** Both depths are what the quote shows where no depth is known. */
export function snapshotOf(market: Market): MarketSnapshot {
  assertQuoted(market);
  if (!hasSide(market, 'buy') || !hasSide(market, 'sell'))
    throw fault('VENUE-002', `The book of ${market.symbol} has one side only.`, { fix: 'Ask again.' });
  const { instrument, at } = market;
  const mid = instrument.price(market.bid).plus(instrument.price(market.ask)).div(2);
  const spread = instrument.price(market.ask).minus(instrument.price(market.bid));
  const depth = (levels: number): Decimal =>
    [...levelsOf(market, 'buy', levels), ...levelsOf(market, 'sell', levels)].reduce(
      (sum, { price, size }) => sum.plus(price.times(size)),
      new Decimal(0),
    );
  const volume = instrument.spec.step.times(market.history.volumeOfLastMinute(at)).times(mid);
  return {
    symbol: market.symbol,
    mid,
    spreadBps: spread.div(mid).times(BPS),
    depthL1: depth(1),
    depthL10: depth(10),
    volume1m: volume,
    at,
  };
}

/** Throws VENUE-002 while no rate is known. */
export function fundingRateOf(market: Market, now: number): FundingRate {
  const { currentRate, nextAt } = market.funding;
  if (currentRate === undefined) throw fault('VENUE-002', `The funding rate of ${market.symbol} is not known.`);
  const rate = new Decimal(currentRate).toDecimalPlaces(Math.log10(RATE_SCALE));
  return { symbol: market.symbol, rate, at: now, ...(Number.isFinite(nextAt) ? { nextAt } : {}) };
}

/** A mark alone that nobody told of this market is what positions were worth in the one before: nobody's quote. */
function assertPriced({ hasPrice, last, quoted, hasMarkFeed, symbol }: Market): void {
  if (!hasPrice || (Number.isNaN(last) && !quoted && !hasMarkFeed))
    throw fault('DATA-008', `No price of ${symbol} has been seen yet.`, {
      fix: 'Ask again once the market has opened.',
    });
}

function assertQuoted(market: Market): void {
  if (!market.quoted)
    throw fault('VENUE-002', `No quote of ${market.symbol} stands.`, { fix: 'A market made of bars has no book.' });
}
