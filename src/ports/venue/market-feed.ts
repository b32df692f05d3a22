import type { BookSnapshot, Candle, FundingRate, MarketSnapshot, Quote } from '../../domain/market.js';
import { token } from '../../injection/token.js';
import type { MarketEvent } from './market-event.js';
import type { Subscription } from './subscription.js';

/** The venue's public prices: asked for, or streamed. Every answer is the venue's; none is made up. */
export interface MarketFeed {
  getQuote(symbol: string): Promise<Quote>;
  getOrderBook(symbol: string, depth: number): Promise<BookSnapshot>;
  /** Closed candles only, oldest first. */
  getCandles(symbol: string, intervalMs: number, limit: number): Promise<readonly Candle[]>;
  /** Where `capabilities.marketSnapshots`. */
  getMarketSnapshot(symbol: string): Promise<MarketSnapshot>;
  /** Rejects with VENUE-003 where the venue tells none. */
  getFundingRate(symbol: string): Promise<FundingRate>;
  /**
   * Opens best prices (level 1) or depth (level 2); rejects when the venue cannot, which is where the fallback to
   * trades hangs. Marks and changes of the instruments come by either stream where the venue tells them.
   */
  openBook(
    symbols: readonly string[],
    level: 1 | 2,
    sink: (event: MarketEvent) => void,
    signal: AbortSignal,
  ): Promise<Subscription>;
  openTrades(
    symbols: readonly string[],
    sink: (event: MarketEvent) => void,
    signal: AbortSignal,
  ): Promise<Subscription>;
}
export const MarketFeed = token<MarketFeed>('MarketFeed');
