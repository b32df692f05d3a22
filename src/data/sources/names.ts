import type { DataKind } from '../columns.js';

/** What the path of a file tells of its content. */
export interface NameFacts {
  readonly path: string;
  /** As the format spells it: `BTCUSDT`, `XRP/USDT:USDT`. */
  readonly symbol?: string;
  /** UTC midnight of the day of its rows. */
  readonly midnight?: number;
  /** Length of its bars. */
  readonly resolutionMs?: number;
}

const LEAN = /(?:^|\/)(\d{4})(\d\d)(\d\d)_([a-z0-9]+)_(minute|second)_(?:trade|quote)\.csv$/i;
const LEAN_FOLDER = /\/(minute|second)\/([a-z0-9]+)\/(\d{4})(\d\d)(\d\d)_(?:trade|quote)(?:\/[^/]*)?$/i;
const LEAN_MARGIN = /margin_interest\/([a-z0-9]+)\.csv$/i;
const BINANCE = /(?:^|\/)([A-Z0-9_]{3,})-(?:\d+(?:s|m|h|d|w|mo)|aggTrades|trades|bookTicker|fundingRate)-\d{4}-\d\d/;
const FREQTRADE =
  /(?:^|\/)([A-Za-z0-9]+(?:_[A-Za-z0-9]+){1,2})-(?:\d+(?:s|m|h|d|w|M|y)|trades)(?:-[a-zA-Z_]+)?\.(?:feather|json|parquet)$/;
const RESOLUTION: Readonly<Record<string, number>> = { minute: 60_000, second: 1_000 };

export function factsOf(path: string): NameFacts {
  const slashed = path.replaceAll('\\', '/');
  const lean = LEAN.exec(slashed);
  if (lean !== null) return leanOf(slashed, [lean[1], lean[2], lean[3]], lean[4], lean[5]);
  const folder = LEAN_FOLDER.exec(slashed);
  if (folder !== null) return leanOf(slashed, [folder[3], folder[4], folder[5]], folder[2], folder[1]);
  const margin = LEAN_MARGIN.exec(slashed);
  if (margin !== null) return { path: slashed, symbol: (margin[1] ?? '').toUpperCase() };
  const binance = BINANCE.exec(slashed);
  if (binance !== null) return { path: slashed, symbol: binance[1] ?? '' };
  const [base, quote, settle] = FREQTRADE.exec(slashed)?.[1]?.split('_') ?? [];
  if (base !== undefined && quote !== undefined)
    return { path: slashed, symbol: `${base}/${quote}${settle === undefined ? '' : `:${settle}`}` };
  return { path: slashed };
}

function leanOf(
  path: string,
  [year, month, day]: readonly (string | undefined)[],
  symbol = '',
  resolution = 'minute',
): NameFacts {
  const resolutionMs = RESOLUTION[resolution.toLowerCase()];
  return {
    path,
    symbol: symbol.toUpperCase(),
    midnight: Date.UTC(Number(year), Number(month) - 1, Number(day)),
    ...(resolutionMs === undefined ? {} : { resolutionMs }),
  };
}

/** Candles look alike whatever they are of: Binance and freqtrade tell it by folder and name alone. */
export function hintedKind(path: string): DataKind | undefined {
  if (/funding_?rate/i.test(path)) return 'funding';
  if (/markPriceKlines|(?:^|[-_/.])mark(?:[-_.]|$)/i.test(path)) return 'mark';
  return /indexPriceKlines|(?:^|[-_/.])index(?:[-_.]|$)/i.test(path) ? 'index' : undefined;
}
