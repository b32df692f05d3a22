import { fault } from '../../domain/errors.js';
import { DAY_MS } from '../../domain/time-spans.js';
import { DuckDb } from '../catalog/duckdb.js';
import { sourceOf } from '../catalog/catalog.js';
import type { DataKind } from '../columns.js';
import { CsvTable, headerOf } from '../tables/csv-table.js';
import { refuseOthers } from '../tables/unreadable-content.js';
import { isParquet, openParquetRanges, ValueRows } from '../tables/parquet-table.js';
import type { Rows, Table } from '../tables/table.js';
import { isArrow, isOldFeather, openArrow } from './arrow-table.js';
import { headOf, lineBlocks, wholeOf, type Content } from './content.js';
import { JsonTable, widthOfJson } from './json-table.js';
import { LAYOUTS, type Layout, type SourceFormat } from './layouts.js';
import { hintedKind, type NameFacts } from './names.js';
import { snapshotTable } from './rest-snapshot.js';

/** What the user said of a file. */
export interface Wanted {
  readonly format: SourceFormat;
  readonly kind?: DataKind;
}

const CANDLE = ['timestamp', 'open', 'high', 'low', 'close', 'volume'];
const TRADE = ['timestamp', 'id', 'type', 'side', 'price', 'amount', 'cost'];
const KLINE = [
  'open_time',
  'open',
  'high',
  'low',
  'close',
  'volume',
  'close_time',
  'quote_volume',
  'count',
  'taker_buy_volume',
  'taker_buy_quote_volume',
  'ignore',
];
const BOOLEAN = /^(true|false)$/i;

/** Tables without a header line that are told by their width and what their fields look like. */
const HEADERLESS: readonly {
  readonly columns: readonly string[];
  readonly fits: (fields: readonly string[]) => boolean;
}[] = [
  { columns: KLINE, fits: (fields) => fields.length === KLINE.length },
  {
    columns: ['id', 'price', 'qty', 'quote_qty', 'time', 'is_buyer_maker'],
    fits: (fields) => fields.length === 6 && BOOLEAN.test(fields[5] ?? ''),
  },
  {
    columns: ['id', 'price', 'qty', 'quote_qty', 'time', 'is_buyer_maker', 'is_best_match'],
    fits: (fields) => fields.length === 7 && BOOLEAN.test(fields[5] ?? ''),
  },
  {
    columns: [
      'agg_trade_id',
      'price',
      'quantity',
      'first_trade_id',
      'last_trade_id',
      'transact_time',
      'is_buyer_maker',
    ],
    fits: (fields) => fields.length === 7 && BOOLEAN.test(fields[6] ?? ''),
  },
  {
    columns: [
      'agg_trade_id',
      'price',
      'quantity',
      'first_trade_id',
      'last_trade_id',
      'transact_time',
      'is_buyer_maker',
      'is_best_match',
    ],
    fits: (fields) => fields.length === 8 && BOOLEAN.test(fields[6] ?? ''),
  },
  {
    columns: ['ms_of_day', 'open', 'high', 'low', 'close', 'volume'],
    fits: (fields) => fields.length === 6 && withinDay(fields[0]),
  },
  {
    columns: [
      'ms_of_day',
      'bid_open',
      'bid_high',
      'bid_low',
      'bid_close',
      'bid_size',
      'ask_open',
      'ask_high',
      'ask_low',
      'ask_close',
      'ask_size',
    ],
    fits: (fields) => fields.length === 11 && withinDay(fields[0]),
  },
  {
    columns: ['date', 'interest_rate'],
    fits: (fields) => fields.length === 2 && /^\d{8} \d\d:\d\d/.test(fields[0] ?? ''),
  },
];

const withinDay = (text: string | undefined): boolean => /^\d{1,8}$/.test(text ?? '') && Number(text) < DAY_MS;

/** Opens the content as a table, whatever it is written in. Throws DATA-003 and DATA-004. */
export async function openContent(content: Content, duckdb: boolean): Promise<Table> {
  const { place } = content;
  const head = await headOf(content);
  if (isParquet(head)) return parquetOf(content, duckdb);
  if (isArrow(head)) return openArrow(place, await wholeOf(content));
  if (isOldFeather(head)) throw refused(place, 'Feather of version 1', 'Write it again with a pandas of these days.');
  refuseOthers(place, head);
  const first = /^(?:\uFEFF)?\s*(.)/.exec(new TextDecoder().decode(head.subarray(0, 64)))?.[1];
  if (first === '[') return jsonOf(place, await wholeOf(content));
  if (first === '{') return bookOf(place, await wholeOf(content));
  return csvOf(content, await firstBlock(content));
}

async function firstBlock(content: Content): Promise<Uint8Array> {
  for await (const block of lineBlocks(content)) return block;
  return new Uint8Array(0);
}

function csvOf(content: Content, first: Uint8Array): Table {
  const { names } = headerOf(content.place, first);
  const blocks = { [Symbol.asyncIterator]: () => lineBlocks(content) };
  if (!/^[-+.\d]/.test(names[0] ?? '')) return new CsvTable(content.place, first, { blocks });
  const known = HEADERLESS.find(({ fits }) => fits(names));
  if (known === undefined) {
    throw fault(
      'DATA-004',
      `${content.place} must have a header line, or rows as Binance or LEAN write them; its ${names.length} fields begin ${JSON.stringify(names.slice(0, 4).join(','))}.`,
      {
        where: `${content.place}:1`,
        fix: `Add a header line. Without one these are known: ${HEADERLESS.map(({ columns }) => columns.join(',')).join('; ')}.`,
      },
    );
  }
  return new CsvTable(content.place, first, { blocks, columns: known.columns });
}

function jsonOf(place: string, bytes: Uint8Array): Table {
  const width = widthOfJson(bytes);
  const columns = width === CANDLE.length ? CANDLE : width === TRADE.length ? TRADE : undefined;
  if (columns !== undefined) return new JsonTable(place, bytes, columns);
  throw refused(
    place,
    width === undefined ? 'JSON of another shape' : `JSON rows of ${width} values`,
    `Expected an array of arrays, each ${CANDLE.join(', ')}, or ${TRADE.join(', ')}.`,
  );
}

function bookOf(place: string, bytes: Uint8Array): Table {
  const table = snapshotTable(place, bytes);
  if (table === undefined)
    throw refused(
      place,
      'a JSON object',
      'Expected an array of arrays: [[time, open, high, low, close, volume], …], or a book: {"lastUpdateId": …, "T": …, "bids": [[price, size], …], "asks": […]}.',
    );
  return table;
}

async function parquetOf(content: Content, duckdb: boolean): Promise<Table> {
  const { place, file } = content;
  const reader = duckdb && file !== undefined ? await DuckDb.load() : undefined;
  if (reader !== undefined && file !== undefined) {
    const columns = await reader.columnsOf(file.path);
    return { file: place, columns, parts: () => duckParts(reader, file.path) };
  }
  if (file !== undefined) return openParquetRanges(place, sourceOf(file));
  const bytes = await wholeOf(content);
  return openParquetRanges(
    place,
    bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer,
  );
}

async function* duckParts(reader: DuckDb, path: string): AsyncGenerator<Rows> {
  let before = 0;
  for await (const { length, values } of reader.parts(path)) {
    yield new ValueRows(path, values, length, before);
    before += length;
  }
}

/**
 * The layout of a table. Throws DATA-004, naming what would have fitted, for a table that is none of the wanted ones.
 */
export function layoutOf(table: Table, wanted: Wanted, name: NameFacts): Layout {
  const ofFormat = LAYOUTS.filter(
    ({ format }) => wanted.format === 'auto' || wanted.format === 'parquet' || format === wanted.format,
  );
  const fitting = ofFormat.filter(({ columns }) => columns.every((column) => table.columns.includes(column)));
  const kind = wanted.kind ?? hintedKind(name.path);
  const most = Math.max(0, ...fitting.map(({ columns }) => columns.length));
  const best = fitting.filter(({ columns }) => columns.length === most);
  const ofKind = kind === undefined ? best : best.filter((layout) => fitsKind(layout, kind));
  const [found] = ofKind.length > 0 || wanted.kind !== undefined ? ofKind : best;
  if (
    found !== undefined &&
    (kind !== undefined || ofKind.every((layout) => layout.kind === found.kind) || found.kind === 'bars')
  ) {
    checkOnce(table, found);
    return found;
  }
  throw unknownTable(table, wanted, best, ofFormat);
}

/** Says what a table lacks: the layouts it fits, or the one that it comes closest to. */
function unknownTable(table: Table, wanted: Wanted, best: readonly Layout[], known: readonly Layout[]): Error {
  const missing = ({ columns }: Layout): readonly string[] => columns.filter((name) => !table.columns.includes(name));
  const near = known
    .filter((layout) => !best.includes(layout) && (wanted.kind === undefined || fitsKind(layout, wanted.kind)))
    .filter((layout) => missing(layout).length <= layout.columns.length / 2)
    .sort((a, b) => missing(a).length - missing(b).length)[0];
  const nearest = near === undefined ? '' : `${near.name} (--kind ${near.kind}), missing: ${missing(near).join(', ')}`;
  return fault(
    'DATA-004',
    `${table.file} must be ${wanted.format === 'auto' ? 'of a known format' : `of the format ${wanted.format}`}${wanted.kind === undefined ? '' : ` and hold ${wanted.kind}`}; its columns are ${table.columns.join(', ')}.${nearest === '' ? '' : ` It comes close to ${nearest}.`}`,
    {
      where: table.file,
      fix:
        best.length > 0
          ? `It fits ${best.map((layout) => `${layout.name} (--kind ${layout.kind})`).join(', ')}: say which with --kind.`
          : wanted.format !== 'auto' && wanted.format !== 'parquet'
            ? `Expected one of: ${known.map((layout) => `${layout.name} (${layout.columns.join(',')})`).join('; ')}.`
            : nearest === ''
              ? `Write bars as ${NATIVE_BARS}, times in epoch milliseconds; docs/data.md lists all formats.`
              : 'Rename or add the columns.',
    },
  );
}

/** Throws DATA-004 for a column that is there twice: nothing says which one is meant. */
function checkOnce(table: Table, { columns }: Layout): void {
  const twice = columns.find((name) => table.columns.indexOf(name) !== table.columns.lastIndexOf(name));
  if (twice === undefined) return;
  throw fault('DATA-004', `${table.file} must have the column ${twice} once, has it several times.`, {
    where: table.file,
    fix: 'Rename or remove the one that is not meant.',
  });
}

const NATIVE_BARS = 'ts_ms,symbol,open,high,low,close,volume';

const fitsKind = (layout: Layout, kind: DataKind): boolean =>
  layout.special === 'ticker' ? kind === 'mark' || kind === 'index' || kind === 'funding' : layout.kind === kind;

const refused = (place: string, what: string, fix: string): Error =>
  fault('DATA-004', `${place} must be CSV, Parquet, Feather, or JSON rows, was ${what}.`, { where: place, fix });
