import { fault } from '../../domain/errors.js';
import type { DataKind } from '../columns.js';

/** What Binance publishes that is read, and what it is. Candles of another series look like those of trades. */
const READ: Readonly<Record<string, DataKind>> = {
  klines: 'bars',
  markPriceKlines: 'mark',
  indexPriceKlines: 'index',
  aggTrades: 'trades',
  trades: 'trades',
  bookTicker: 'quotes',
  fundingRate: 'funding',
};
/** What it publishes besides, some of it with the columns of what is read. */
const LEFT_OUT: readonly string[] = [
  'premiumIndexKlines',
  'continuousKlines',
  'bookDepth',
  'metrics',
  'liquidationSnapshot',
  'BVOLIndex',
  'EOHSummary',
];

/** `BTCUSDT-1m-2024-08-08.zip`, `BTCUSDT_240927-aggTrades-2024-08.csv`. */
const NAME = /(?:^|\/)([\p{Lu}\p{Lo}\p{N}_]{3,})-([A-Za-z0-9-]+?)-(\d{4}-\d\d(?:-\d\d)?)(?:\.[A-Za-z]{2,7})*$/u;
const INTERVAL = /^\d+(?:s|m|h|d|w|mo)$/;
/** The folder of a data set, above that of the symbol. */
const FOLDER = /(?:^|\/)(?:daily|monthly)\/([^/]+)\/[^/]+\//;
/** Names that nobody else has: they tell what a file is wherever they stand in its path. */
const TELLING =
  /(?:^|[/_.-])(mark_?price_?klines|index_?price_?klines|premium_?index(?:_?klines)?|continuous_?klines)(?:[/_.-]|$)/i;

/** A file as Binance publishes it. */
export interface Published {
  /** Its name for it: `aggTrades`. */
  readonly dataset: string;
  /** Undefined for what is not read. */
  readonly kind: DataKind | undefined;
  readonly symbol: string | undefined;
  /** Of candles: `1m`, `1mo`. */
  readonly interval: string | undefined;
}

/** What folders and name say of a file; undefined for one that is not named as Binance names its own. */
export function publishedOf(path: string): Published | undefined {
  const [, symbol, middle = ''] = NAME.exec(path) ?? [];
  const dataset = datasetOf(path, symbol === undefined ? undefined : middle);
  if (dataset === undefined) return undefined;
  const interval = middle.split('-').find((part) => INTERVAL.test(part));
  return { dataset, kind: Object.hasOwn(READ, dataset) ? READ[dataset] : undefined, symbol, interval };
}

function datasetOf(path: string, middle: string | undefined): string | undefined {
  const telling = TELLING.exec(path)?.[1]?.replaceAll('_', '').toLowerCase();
  if (telling !== undefined)
    return [...Object.keys(READ), ...LEFT_OUT].find((name) => name.toLowerCase().startsWith(telling));
  if (middle === undefined) return undefined;
  const folder = FOLDER.exec(path)?.[1];
  if (INTERVAL.test(middle)) return folder ?? 'klines';
  if (middle in READ || LEFT_OUT.includes(middle)) return middle;
  return folder === undefined ? undefined : middle;
}

/** Throws DATA-004 for what is not read, and for what is asked to be something else than it is. */
export function checkPublished(
  place: string,
  { dataset, kind, symbol }: Published,
  wanted: DataKind | undefined,
): void {
  if (kind !== undefined && (wanted === undefined || wanted === kind)) return;
  const of = symbol === undefined ? '' : ` of ${symbol}`;
  const known = Object.keys(READ).join(', ');
  throw fault(
    'DATA-004',
    kind === undefined
      ? `${place} must be one of ${known}; its folder and name say ${dataset}${of}.`
      : `${place} must hold ${wanted ?? ''}, but its folder and name say ${dataset}${of}, which is ${kind}.`,
    {
      where: place,
      why: 'The same columns mean another thing there, and would be taken for prices of the symbol.',
      fix: kind === undefined ? 'Leave it out.' : `Import it as it is: --kind ${kind}, or without --kind.`,
    },
  );
}
