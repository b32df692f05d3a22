import type { BookSnapshot, Candle, FundingRate, MarketSnapshot, Quote } from '../../../domain/market.js';
import type { MarketEvent } from '../../../ports/venue/market-event.js';
import type { MarketFeed } from '../../../ports/venue/market-feed.js';
import type { Subscription } from '../../../ports/venue/subscription.js';
import { candlesOf, fundingRateOf, marketOf, orderBookOf, quoteOf, snapshotOf } from './market-views.js';
import { settled } from './settled.js';
import type { Subscriptions } from './subscriptions.js';
import { opened, type SimulatedVenue } from './venue.js';

/** What the exchange inside shows of its markets; settled when it is returned. */
export class SimulatedMarketFeed implements MarketFeed {
  constructor(
    private readonly venue: SimulatedVenue,
    private readonly subscriptions: Subscriptions,
  ) {}

  getQuote(symbol: string): Promise<Quote> {
    return settled(() => quoteOf(marketOf(opened(this.venue), symbol)));
  }

  getOrderBook(symbol: string, depth: number): Promise<BookSnapshot> {
    return settled(() => orderBookOf(marketOf(opened(this.venue), symbol), depth));
  }

  getCandles(symbol: string, intervalMs: number, limit: number): Promise<readonly Candle[]> {
    return settled(() => candlesOf(marketOf(opened(this.venue), symbol), intervalMs, limit, this.venue.time));
  }

  getMarketSnapshot(symbol: string): Promise<MarketSnapshot> {
    return settled(() => snapshotOf(marketOf(opened(this.venue), symbol)));
  }

  getFundingRate(symbol: string): Promise<FundingRate> {
    return settled(() => fundingRateOf(marketOf(opened(this.venue), symbol), this.venue.time));
  }

  /** Level 2 tells depth beside the best prices, where the market has it. */
  openBook(
    symbols: readonly string[],
    level: 1 | 2,
    sink: (event: MarketEvent) => void,
    signal: AbortSignal,
  ): Promise<Subscription> {
    return settled(() => this.subscribe(level === 2 ? ['book', 'depth'] : ['book'], symbols, sink, signal));
  }

  openTrades(
    symbols: readonly string[],
    sink: (event: MarketEvent) => void,
    signal: AbortSignal,
  ): Promise<Subscription> {
    return settled(() => this.subscribe(['trades'], symbols, sink, signal));
  }

  private subscribe(
    kinds: readonly ('book' | 'depth' | 'trades')[],
    symbols: readonly string[],
    sink: (event: MarketEvent) => void,
    signal: AbortSignal,
  ): Subscription {
    const venue = opened(this.venue);
    for (const symbol of symbols) marketOf(venue, symbol);
    // A subscription of its own even when one sink is given twice.
    const own = (event: MarketEvent): void => sink(event);
    return this.subscriptions.track(
      kinds.flatMap((kind) => symbols.map((symbol) => venue.watch(kind, symbol, own))),
      signal,
    );
  }
}
