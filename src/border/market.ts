import type { BookLevel, BookSnapshot, Candle, FundingRate, MarketSnapshot } from '../domain/market.js';
import { requireAbove, requireFinite, requireNotNegative, requireObject, unreadable } from './reading.js';

/** Throws VENUE-005 for a book that could not be walked: a level without a price would make any size look cheap. */
export function readBook(book: BookSnapshot): BookSnapshot {
  requireObject(book, 'An order book');
  readLevels(book.bids, `Bids of ${book.symbol}`);
  readLevels(book.asks, `Asks of ${book.symbol}`);
  return book;
}

/** Throws VENUE-005 for a snapshot that could not be compared with a limit. */
export function readSnapshot(snapshot: MarketSnapshot): MarketSnapshot {
  requireObject(snapshot, 'A market snapshot');
  const { symbol } = snapshot;
  requireAbove(snapshot.mid, `Mid of ${symbol}`);
  requireFinite(snapshot.spreadBps, `Spread of ${symbol}`);
  requireNotNegative(snapshot.depthL1, `Depth of ${symbol}`);
  requireNotNegative(snapshot.depthL10, `Depth of ${symbol}`);
  requireNotNegative(snapshot.volume1m, `Volume of ${symbol}`);
  return snapshot;
}

/** Throws VENUE-005 for a rate that no limit could be compared with. */
export function readFundingRate(rate: FundingRate): FundingRate {
  requireObject(rate, 'A funding rate');
  const { symbol, nextAt } = rate;
  requireFinite(rate.rate, `Funding rate of ${symbol}`);
  if (nextAt !== undefined && !Number.isFinite(nextAt))
    throw unreadable(`Next funding of ${symbol}`, 'epoch milliseconds or absent', nextAt);
  return rate;
}

/** Throws VENUE-005 for a bar that no filter could compare. */
export function readCandle(candle: Candle): Candle {
  requireObject(candle, 'A candle');
  if (!Number.isFinite(candle.openAt)) throw unreadable('Time of a candle', 'epoch milliseconds', candle.openAt);
  requireAbove(candle.open, 'Open of a candle');
  requireAbove(candle.high, 'High of a candle');
  requireAbove(candle.low, 'Low of a candle');
  requireAbove(candle.close, 'Close of a candle');
  requireNotNegative(candle.volume, 'Volume of a candle');
  return candle;
}

/** Throws VENUE-005 for levels without a price or a size. */
export function readLevels(levels: readonly BookLevel[], what: string): void {
  if (!Array.isArray(levels)) throw unreadable(what, 'levels', levels);
  for (const level of levels as readonly BookLevel[]) {
    requireObject(level, `A level of the ${what}`);
    requireAbove(level.price, `Price of the ${what}`);
    requireNotNegative(level.size, `Size of the ${what}`);
  }
}
