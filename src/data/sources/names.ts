import { barIntervalOf } from '../../domain/time-spans.js';
import type { DataKind } from '../columns.js';
import { publishedOf, type Published } from './published.js';

/** What the path of a file tells of its content. */
export interface NameFacts {
  readonly path: string;
  /** As the format spells it: `BTCUSDT`, `XRP/USDT:USDT`. */
  readonly symbol?: string;
  /** UTC midnight of the day of its rows. */
  readonly midnight?: number;
  /** Length of its bars. */
  readonly intervalMs?: number;
  /** What it is by the folders and names of Binance. */
  readonly published?: Published;
}

const LEAN = /(?:^|\/)(\d{4})(\d\d)(\d\d)_([a-z0-9]+)_(minute|second)_(?:trade|quote)\.csv$/i;
const LEAN_FOLDER = /\/(minute|second)\/([a-z0-9]+)\/(\d{4})(\d\d)(\d\d)_(?:trade|quote)(?:\/[^/]*)?$/i;
const LEAN_MARGIN = /margin_interest\/([a-z0-9]+)\.csv$/i;
/** Of hours and days LEAN keeps all in one file. */
const LEAN_LONG = /\/(hour|daily)\/([a-z0-9]+)_(?:trade|quote)(?:\/[^/]*)?$/i;
const FREQTRADE =
  /(?:^|\/)([A-Za-z0-9]+(?:_[A-Za-z0-9]+){1,2})-(\d+(?:s|m|h|d|w|M|y)|trades)(?:-[a-zA-Z_]+)?\.(?:feather|json|parquet)$/;
const RESOLUTION: Readonly<Record<string, string>> = { second: '1s', minute: '1m', hour: '1h', daily: '1d' };

/** Folders that say which market a file is of, by Binance (`futures/um`) and by LEAN (`cryptofuture/binance`). */
const MARKET =
  /\/((?:spot|option|futures\/\w+)(?=\/(?:daily|monthly)\/)|(?:crypto|cryptofuture)\/[\w-]+(?=\/(?:tick|second|minute|hour|daily|margin_interest)\/))/i;

/** Of a path from the root; undefined where its folders do not tell. Two markets are never one series. */
export const marketOf = (path: string): string | undefined => MARKET.exec(path.replaceAll('\\', '/'))?.[1];

/** Of a path from the root: folders tell, also those that were not typed. */
export function factsOf(path: string): NameFacts {
  const slashed = path.replaceAll('\\', '/');
  const lean = LEAN.exec(slashed);
  if (lean !== null) return leanOf(slashed, [lean[1], lean[2], lean[3]], lean[4], lean[5]);
  const folder = LEAN_FOLDER.exec(slashed);
  if (folder !== null) return leanOf(slashed, [folder[3], folder[4], folder[5]], folder[2], folder[1]);
  const long = LEAN_LONG.exec(slashed);
  if (long !== null) return leanOf(slashed, [], long[2], long[1]);
  const margin = LEAN_MARGIN.exec(slashed);
  if (margin !== null) return { path: slashed, symbol: (margin[1] ?? '').toUpperCase() };
  const published = publishedOf(slashed);
  if (published !== undefined) {
    const { symbol, interval } = published;
    return {
      path: slashed,
      published,
      ...(symbol === undefined ? {} : { symbol }),
      ...(interval === undefined ? {} : spanned(interval)),
    };
  }
  const [, pair, interval = ''] = FREQTRADE.exec(slashed) ?? [];
  const [base, quote, settle] = pair?.split('_') ?? [];
  if (base !== undefined && quote !== undefined)
    return {
      path: slashed,
      symbol: `${base}/${quote}${settle === undefined ? '' : `:${settle}`}`,
      ...spanned(interval),
    };
  return { path: slashed };
}

function leanOf(
  path: string,
  [year, month, day]: readonly (string | undefined)[],
  symbol = '',
  resolution = 'minute',
): NameFacts {
  return {
    path,
    symbol: symbol.toUpperCase(),
    ...(year === undefined ? {} : { midnight: Date.UTC(Number(year), Number(month) - 1, Number(day)) }),
    ...spanned(RESOLUTION[resolution.toLowerCase()] ?? ''),
  };
}

function spanned(interval: string): { readonly intervalMs?: number } {
  const intervalMs = barIntervalOf(interval.replace(/mo$/, 'M'));
  return intervalMs === undefined ? {} : { intervalMs };
}

/**
 * Candles look alike whatever they are of. A word of the name as the user gave it is a hint; what Binance's own folders
 * and names say (`Published`) is more.
 */
export function hintedKind(path: string): DataKind | undefined {
  if (/funding_?rate/i.test(path)) return 'funding';
  if (/markPriceKlines|(?:^|[-_/.])mark(?:[-_.]|$)/i.test(path)) return 'mark';
  return /indexPriceKlines|(?:^|[-_/.])index(?:[-_.]|$)/i.test(path) ? 'index' : undefined;
}
