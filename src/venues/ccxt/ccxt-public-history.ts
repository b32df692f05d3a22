import { Decimal } from '../../domain/decimal.js';
import { fault, PerpsBotError } from '../../domain/errors.js';
import type { InstrumentSpec } from '../../domain/instrument.js';
import { barIntervalOf, barIntervalText, HOUR_MS } from '../../domain/time-spans.js';
import type { HistoryKind, HistoryQuery, HistoryRow, PublicHistory } from '../../ports/research/public-history.js';
import { exchangeOf, loadCcxt, translated, type CcxtExchange, type CcxtMarket } from './ccxt-library.js';

const PAGE_ROWS = 1_000;
const NEEDED: Readonly<Record<HistoryKind, string>> = {
  bars: 'fetchOHLCV',
  trades: 'fetchTrades',
  mark: 'fetchMarkOHLCV',
  index: 'fetchIndexOHLCV',
  funding: 'fetchFundingRateHistory',
};
/** Where a venue names none: conservative, and only a description. */
const FALLBACK = { maxLeverage: new Decimal(1), maintenanceRate: new Decimal('0.01'), fundingIntervalHours: 8 };

export interface CcxtHistoryOptions {
  /** The library's id of the venue. */
  readonly venue: string;
  /** Replaces scheme and host of every endpoint: a mirror, or a server of one's own. */
  readonly baseUrl?: string;
}

/** A venue's public past through ccxt. Numbers come as the venue wrote them; no key is ever sent. */
export async function openCcxtHistory({ venue, baseUrl }: CcxtHistoryOptions): Promise<PublicHistory> {
  const library = await loadCcxt();
  const exchange = exchangeOf(library, venue);
  if (baseUrl !== undefined) exchange.urls.api = rewritten(exchange.urls.api, baseUrl);
  return new CcxtPublicHistory(exchange, (error) => translated(library, error, venue));
}

class CcxtPublicHistory implements PublicHistory {
  readonly pageRows = PAGE_ROWS;
  private markets: Promise<Readonly<Record<string, CcxtMarket>>> | undefined;

  constructor(
    private readonly exchange: CcxtExchange,
    private readonly translate: (error: unknown) => Error,
  ) {}

  get venue(): string {
    return this.exchange.id;
  }

  async instrument(symbol: string): Promise<InstrumentSpec> {
    return specOf(await this.market(symbol), symbol);
  }

  async page(query: HistoryQuery): Promise<readonly HistoryRow[]> {
    const { kind, symbol, since } = query;
    if (this.exchange.has[NEEDED[kind]] === undefined || this.exchange.has[NEEDED[kind]] === false) {
      throw fault(
        'VENUE-003',
        `${this.exchange.name} must offer its past ${kind} to the public, and does not through ccxt.`,
        { fix: 'Choose another kind, or import files that you have.' },
      );
    }
    await this.market(symbol);
    const rows = await this.asked(() => this.fetch(query));
    return rows.filter((row) => row.at >= since).sort((a, b) => a.at - b.at);
  }

  pageSpan({ kind, intervalMs }: HistoryQuery): number {
    if (kind === 'trades') return HOUR_MS;
    return kind === 'funding' ? PAGE_ROWS * HOUR_MS : PAGE_ROWS * intervalMs;
  }

  async close(): Promise<void> {
    await this.exchange.close();
  }

  private async fetch({ kind, symbol, intervalMs, since }: HistoryQuery): Promise<HistoryRow[]> {
    if (kind === 'trades') return (await this.exchange.fetchTrades(symbol, since, PAGE_ROWS)).map(tradeRow);
    if (kind === 'funding')
      return (await this.exchange.fetchFundingRateHistory(symbol, since, PAGE_ROWS)).map((row) => ({
        at: instant(row['timestamp']),
        fields: [text(row['fundingRate'])],
      }));
    const candles = await this.exchange.fetchOHLCV(
      symbol,
      timeframeOf(this.exchange, intervalMs),
      since,
      PAGE_ROWS,
      kind === 'bars' ? {} : { price: kind },
    );
    return candles.map(([at, open, high, low, close, volume]) => ({
      at: instant(at),
      fields: kind === 'bars' ? [open, high, low, close, volume].map(text) : [text(close)],
    }));
  }

  private async market(symbol: string): Promise<CcxtMarket> {
    this.markets ??= this.asked(() => this.exchange.loadMarkets());
    let markets: Readonly<Record<string, CcxtMarket>>;
    try {
      markets = await this.markets;
    } catch (error) {
      // Asked anew the next time: the failure may pass.
      this.markets = undefined;
      throw error;
    }
    const market = markets[symbol];
    if (market !== undefined) return market;
    throw fault('VENUE-003', `${symbol} must be a market of ${this.exchange.name}, as ccxt spells it; it is not.`, {
      fix: 'Perpetuals are spelt like BTC/USDT:USDT.',
    });
  }

  private async asked<T>(ask: () => Promise<T>): Promise<T> {
    try {
      return await ask();
    } catch (error) {
      throw PerpsBotError.is(error) ? error : this.translate(error);
    }
  }
}

const tradeRow = (row: Readonly<Record<string, unknown>>): HistoryRow => ({
  at: instant(row['timestamp']),
  fields: [
    text(row['price']),
    text(row['amount']),
    row['side'] === 'buy' || row['side'] === 'sell' ? row['side'] : '',
    nameOf(row['id']),
  ],
});

const nameOf = (id: unknown): string => (typeof id === 'string' || typeof id === 'number' ? String(id) : '');

/** Numbers as the venue wrote them; one that is missing is an error, never an empty cell. */
function text(value: unknown): string {
  const written = typeof value === 'number' || typeof value === 'string' ? String(value) : '';
  if (written === '' || !Number.isFinite(Number(written)))
    throw fault('DATA-003', `A number of the venue's past must be there, was ${String(value)}.`);
  return written;
}

function instant(value: unknown): number {
  if (Number.isSafeInteger(value)) return value as number;
  throw fault('DATA-003', `A time of the venue's past must be whole milliseconds, was ${String(value)}.`);
}

function timeframeOf(exchange: CcxtExchange, intervalMs: number): string {
  const names = Object.keys(exchange.timeframes);
  const found = names.find((name) => barIntervalOf(name) === intervalMs);
  if (found !== undefined) return found;
  throw fault(
    'VENUE-003',
    `${exchange.name} must offer candles of ${barIntervalText(intervalMs)}; it offers ${names.join(', ')}.`,
  );
}

/** The product as the venue describes it. What it does not say stands as its most cautious value. */
function specOf(market: CcxtMarket, symbol: string): InstrumentSpec {
  const kind = market.spot === true ? 'spot' : market.swap === true ? 'perpetual' : 'future';
  const size = decimal(market.contractSize) ?? new Decimal(1);
  const inverse = market.inverse === true;
  const settle = market.settle ?? market.quote;
  const step = decimal(market.precision.amount);
  const tick = decimal(market.precision.price);
  if (step === undefined || tick === undefined)
    throw fault('VENUE-003', `The venue must name tick and step of ${symbol}; it does not.`);
  const maxSize = decimal(market.limits.amount?.max);
  return {
    symbol,
    base: market.base,
    quote: market.quote,
    settle,
    kind,
    tick,
    step,
    minSize: decimal(market.limits.amount?.min) ?? step,
    minNotional: decimal(market.limits.cost?.min) ?? new Decimal(0),
    ...(maxSize === undefined ? {} : { maxSize }),
    maxLeverage: decimal(market.limits.leverage?.max) ?? FALLBACK.maxLeverage,
    makerFee: decimal(market.maker) ?? new Decimal(0),
    takerFee: decimal(market.taker) ?? new Decimal(0),
    maintenanceRate: FALLBACK.maintenanceRate,
    fundingIntervalHours: kind === 'perpetual' ? FALLBACK.fundingIntervalHours : 0,
    ...(kind === 'spot' ? {} : { contract: inverse ? 'inverse' : settle === market.quote ? 'linear' : 'quanto' }),
    ...(size.eq(1) ? {} : { multiplier: size }),
  };
}

function decimal(value: unknown): Decimal | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  const read = new Decimal(value);
  return read.isFinite() ? read : undefined;
}

function rewritten(urls: unknown, baseUrl: string): unknown {
  if (typeof urls === 'string') return urls.replace(/^[a-z]+:\/\/[^/]+/, baseUrl.replace(/\/$/, ''));
  if (typeof urls !== 'object' || urls === null) return urls;
  return Object.fromEntries(Object.entries(urls).map(([key, value]) => [key, rewritten(value, baseUrl)]));
}
