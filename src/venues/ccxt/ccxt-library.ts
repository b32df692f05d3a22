import { fault } from '../../domain/errors.js';
import { optionalPackage } from '../../flow/optional-package.js';

/** What is used of one of the library's exchanges: its public, read-only part. */
export interface CcxtExchange {
  readonly id: string;
  readonly name: string;
  readonly timeframes: Readonly<Record<string, unknown>>;
  readonly has: Readonly<Record<string, unknown>>;
  urls: { api: unknown };
  options: Record<string, unknown>;
  /** Turns a number's text into what the library hands out. */
  number: (text: string) => unknown;
  milliseconds(): number;
  loadMarkets(): Promise<Readonly<Record<string, CcxtMarket>>>;
  fetchOHLCV(
    symbol: string,
    timeframe: string,
    since: number,
    limit: number,
    params?: object,
  ): Promise<readonly (readonly unknown[])[]>;
  fetchTrades(
    symbol: string,
    since: number,
    limit: number,
    params?: object,
  ): Promise<readonly Readonly<Record<string, unknown>>[]>;
  fetchFundingRateHistory(
    symbol: string,
    since: number,
    limit: number,
    params?: object,
  ): Promise<readonly Readonly<Record<string, unknown>>[]>;
  close(): Promise<unknown>;
}

export interface CcxtMarket {
  readonly symbol: string;
  readonly base: string;
  readonly quote: string;
  readonly settle?: string;
  readonly spot?: boolean;
  readonly swap?: boolean;
  readonly inverse?: boolean;
  readonly linear?: boolean;
  readonly contractSize?: unknown;
  readonly maker?: unknown;
  readonly taker?: unknown;
  readonly precision: { readonly price?: unknown; readonly amount?: unknown };
  readonly limits: {
    readonly amount?: { readonly min?: unknown; readonly max?: unknown };
    readonly cost?: { readonly min?: unknown };
    readonly leverage?: { readonly max?: unknown };
  };
}

interface Library {
  readonly exchanges: readonly string[];
  readonly NetworkError: new (message: string) => Error;
  readonly ExchangeError: new (message: string) => Error;
  readonly AuthenticationError: new (message: string) => Error;
  readonly [id: string]: unknown;
}

/** No literal where it is imported: the compiler would read the library's types, more than all else it reads. */
const CCXT: string = 'ccxt';

/** Throws PKG-001 where the library is not installed. */
export async function loadCcxt(): Promise<Library> {
  const load = (): Promise<{ readonly default: Library }> => import(CCXT) as Promise<{ readonly default: Library }>;
  return (await optionalPackage('ccxt', 'Downloads', load)).default;
}

/** An exchange by the library's id, reading numbers as the text the venue wrote. Throws VENUE-003 for an unknown id. */
export function exchangeOf(library: Library, id: string): CcxtExchange {
  const make = library[id];
  if (!library.exchanges.includes(id) || typeof make !== 'function') {
    throw fault('VENUE-003', `The venue must be one that ccxt knows, was ${id}.`, {
      fix: `For example binanceusdm, bybit, okx, hyperliquid or krakenfutures.`,
    });
  }
  const exchange = new (make as new (settings: object) => CcxtExchange)({ enableRateLimit: true });
  // Text, not doubles: 0.1 must stay 0.1.
  exchange.number = String;
  // Only public endpoints: these would ask for keys first.
  Object.assign(exchange.options, { fetchCurrencies: false, fetchMargins: false });
  return exchange;
}

/**
 * What the library threw, in our terms. Asking again may help against the network, and against an error of the venue
 * that the library has no class for: an overloaded server is one. Only reads are asked here, so a repetition harms
 * nobody.
 */
export function translated(library: Library, error: unknown, venue: string): Error {
  const message = error instanceof Error ? error.message : String(error);
  const said = `${venue} said: ${message.slice(0, 300)}`;
  const unclassified = error instanceof library.ExchangeError && error.constructor === library.ExchangeError;
  if (error instanceof library.NetworkError || unclassified) return fault('VENUE-002', said, { cause: error });
  if (error instanceof library.AuthenticationError) return fault('VENUE-004', said, { cause: error });
  return fault('VENUE-003', said, { cause: error });
}
