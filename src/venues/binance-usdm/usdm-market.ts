import { UnknownEvents } from '../../connect/unknown-events.js';
import { fault } from '../../domain/errors.js';
import type { InstrumentSpec } from '../../domain/instrument.js';
import type { BookSnapshot, Candle, FundingRate, MarketSnapshot, Quote } from '../../domain/market.js';
import { barIntervalText } from '../../domain/time-spans.js';
import type { SocketClient } from '../../ports/transport/socket-client.js';
import type { MarketEvent } from '../../ports/venue/market-event.js';
import type { PublicMarket } from '../../ports/venue/public-market.js';
import type { Subscription } from '../../ports/venue/subscription.js';
import type { UsdmHosts } from './hosts.js';
import { usdmListing, type UsdmListing } from './instruments.js';
import {
  bookAnswer,
  candlesAnswer,
  depthAnswer,
  fundingAnswer,
  fundingHoursAnswer,
  newestTradeAnswer,
  quoteAnswer,
  type DepthAnswer,
} from './rest/answers.js';
import { encoded, type RequestParams } from './rest/signature.js';
import { withoutSecrets } from './rest/without-secrets.js';
import { UsdmLine, type UsdmLinePorts } from './rest/usdm-line.js';
import { VenueOffset } from './rest/venue-offset.js';
import type { LastTrades } from './streams/trade-watch.js';
import { MarketStream, type UsdmTopic } from './streams/market-stream.js';

/** Levels that a snapshot has: as many as the venue gives. */
const SNAPSHOT_LEVELS = 1_000;
/** Numbers of levels that the venue answers with, and what each weighs. Source: Binance, "Order Book". */
const DEPTHS: readonly (readonly [levels: number, weight: number])[] = [
  [5, 2],
  [10, 2],
  [20, 2],
  [50, 2],
  [100, 5],
  [500, 10],
  [SNAPSHOT_LEVELS, 20],
];
const SNAPSHOT_WEIGHT = 20;
/** Source: Binance, "Compressed/Aggregate Trades List". */
const TRADES_WEIGHT = 20;
const MOST_CANDLES = 1_500;
/** Source: Binance, "Kline/Candlestick Data". */
const CANDLE_WEIGHTS: readonly (readonly [candles: number, weight: number])[] = [
  [99, 1],
  [499, 2],
  [1_000, 5],
  [MOST_CANDLES, 10],
];
const INTERVALS: ReadonlySet<string> = new Set([
  '1m',
  '3m',
  '5m',
  '15m',
  '30m',
  '1h',
  '2h',
  '4h',
  '6h',
  '8h',
  '12h',
  '1d',
  '3d',
  '1w',
  '1M',
]);

export interface UsdmMarketPorts extends UsdmLinePorts {
  readonly sockets: SocketClient;
  /** Something a person should know. */
  readonly warn: (message: string) => void;
  /** Every message of the streams and every snapshot of a book, as JSON, as it arrives. */
  readonly heard?: ((text: string) => void) | undefined;
}

/**
 * The public market of Binance USDⓈ-M futures over its own wire: no key is known here, and none is sent. Symbols are
 * spelt as the venue spells them (`BTCUSDT`).
 */
export class UsdmMarket implements PublicMarket {
  readonly venue = 'binance-usdm';
  readonly environment: PublicMarket['environment'];
  private unread = '';
  private readonly lastTrades: LastTrades = new Map();
  private readonly unknownTypes: UnknownEvents;
  /** Of the perpetuals that the venue has named. */
  private names: ReadonlySet<string> | undefined;

  constructor(
    private readonly ports: UsdmMarketPorts,
    private readonly hosts: UsdmHosts,
    /** Shared with whoever signs: the venue counts by address. */
    private readonly line = new UsdmLine(ports, hosts.restUrl),
    private readonly time = new VenueOffset(ports.clock, line),
  ) {
    this.environment = hosts.environment;
    this.unknownTypes = new UnknownEvents((type, sample) =>
      ports.warn(
        `${this.venue}: what is told as ${type} is not known here, and is passed over: ${withoutSecrets(sample)}`,
      ),
    );
  }

  /** One of another stream of this venue. */
  notKnown(type: string, text: string): void {
    this.unknownTypes.take(type, text);
  }

  get unknownEvents(): ReadonlyMap<string, number> {
    return this.unknownTypes.byType;
  }

  close(): void {
    this.ports.http.close();
  }

  getServerTime(): Promise<number> {
    return this.time.measure();
  }

  async listProducts(): Promise<readonly InstrumentSpec[]> {
    return (await this.listing()).specs;
  }

  private async listing(): Promise<UsdmListing> {
    const hours = fundingHoursAnswer(await this.get('/fapi/v1/fundingInfo', {}, 0));
    const listing = usdmListing(await this.get('/fapi/v1/exchangeInfo', {}, 1), hours);
    const { specs, unread } = listing;
    const told = [...unread.keys()].join(' ');
    if (told !== this.unread && unread.size > 0)
      this.ports.warn(
        `${this.venue}: ${[...unread].map(([symbol, why]) => `${symbol} is left out: ${why}`).join(' ')}`,
      );
    this.unread = told;
    this.names = new Set(specs.map(({ symbol }) => symbol));
    return listing;
  }

  async getQuote(symbol: string): Promise<Quote> {
    const [ticker, premium] = await Promise.all([
      this.get('/fapi/v1/ticker/bookTicker', { symbol }, 2),
      this.get('/fapi/v1/premiumIndex', { symbol }, 1),
    ]);
    return quoteAnswer(ticker, premium, symbol);
  }

  async getOrderBook(symbol: string, depth: number): Promise<BookSnapshot> {
    const [limit, weight] = DEPTHS.find(([levels]) => levels >= depth) ?? [SNAPSHOT_LEVELS, SNAPSHOT_WEIGHT];
    const book = bookAnswer(await this.get('/fapi/v1/depth', { symbol, limit }, weight), symbol);
    return { ...book, bids: book.bids.slice(0, depth), asks: book.asks.slice(0, depth) };
  }

  async getCandles(symbol: string, intervalMs: number, limit: number): Promise<readonly Candle[]> {
    const interval = barIntervalText(intervalMs);
    if (!INTERVALS.has(interval))
      throw fault('VENUE-003', `Candles of binance-usdm must be of ${[...INTERVALS].join(', ')}, not ${interval}.`);
    // The candle of now is among them, and is none yet.
    const asked = Math.min(MOST_CANDLES, limit + 1);
    const weight = CANDLE_WEIGHTS.find(([candles]) => candles >= asked)?.[1] ?? 10;
    // Which of them have closed, the venue's clock says.
    await this.time.known();
    const said = await this.get('/fapi/v1/klines', { symbol, interval, limit: asked }, weight);
    return candlesAnswer(said, symbol, this.time.now()).slice(-limit);
  }

  getMarketSnapshot(): Promise<MarketSnapshot> {
    return Promise.reject(fault('VENUE-003', 'binance-usdm must support market snapshots, and does not.'));
  }

  async getFundingRate(symbol: string): Promise<FundingRate> {
    return fundingAnswer(await this.get('/fapi/v1/premiumIndex', { symbol }, 1), symbol);
  }

  /** Level 1 is bookTicker, level 2 depth by snapshot and changes; marks beside either. */
  openBook(
    symbols: readonly string[],
    level: 1 | 2,
    sink: (event: MarketEvent) => void,
    signal: AbortSignal,
  ): Promise<Subscription> {
    const topics = level === 1 ? ['bookTicker', 'markPrice@1s'] : ['depth@100ms', 'bookTicker', 'markPrice@1s'];
    return this.open(symbols, topics as readonly UsdmTopic[], sink, signal);
  }

  openTrades(
    symbols: readonly string[],
    sink: (event: MarketEvent) => void,
    signal: AbortSignal,
  ): Promise<Subscription> {
    return this.open(symbols, ['aggTrade', 'markPrice@1s'], sink, signal);
  }

  /** A stream of a name that the venue does not know stands for ever, and tells nothing. */
  private async open(
    symbols: readonly string[],
    topics: readonly UsdmTopic[],
    sink: (event: MarketEvent) => void,
    signal: AbortSignal,
  ): Promise<Subscription> {
    if (symbols.some((symbol) => this.names?.has(symbol) !== true)) await this.listProducts();
    const unknown = symbols.filter((symbol) => this.names?.has(symbol) !== true);
    if (unknown.length > 0)
      throw fault('VENUE-003', `Symbols must be perpetuals of binance-usdm, and ${unknown.join(', ')} is none.`);
    const { sockets, clock, scheduler, heard } = this.ports;
    const { streamUrl } = this.hosts;
    const { lastTrades, unknownTypes } = this;
    const newestTrade = (symbol: string): Promise<number | undefined> => this.newestTrade(symbol);
    const snapshot = (symbol: string): Promise<DepthAnswer> => this.snapshot(symbol);
    const listing = (): Promise<UsdmListing> => this.listing();
    return MarketStream.open(
      {
        sockets,
        clock,
        scheduler,
        streamUrl,
        snapshot,
        newestTrade,
        lastTrades,
        listing,
        heard,
        unknown: unknownTypes,
      },
      { symbols, topics, sink, signal },
    );
  }

  private get(path: string, params: RequestParams, weight: number): Promise<unknown> {
    return this.line.ask({ method: 'GET', path, query: encoded(params), weight });
  }

  private async newestTrade(symbol: string): Promise<number | undefined> {
    return newestTradeAnswer(await this.get('/fapi/v1/aggTrades', { symbol, limit: 1 }, TRADES_WEIGHT));
  }

  private async snapshot(symbol: string): Promise<DepthAnswer> {
    const said = await this.get('/fapi/v1/depth', { symbol, limit: SNAPSHOT_LEVELS }, SNAPSHOT_WEIGHT);
    this.ports.heard?.(JSON.stringify(said));
    return depthAnswer(said, symbol);
  }
}
