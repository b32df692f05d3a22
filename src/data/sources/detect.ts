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
import { foreignLayouts, SYMBOL_LIKE, TIME_NAMES } from './foreign.js';
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
const BOOLEAN = /^(true|false)$/i;
const LEAN_TIME = /^\d{8} \d\d:\d\d/;
const BAR = 'open,high,low,close,volume';
const QUOTE_BAR = 'bid_open,bid_high,bid_low,bid_close,bid_size,ask_open,ask_high,ask_low,ask_close,ask_size';

type Headerless = readonly [columns: string, fits: (fields: readonly string[], dataset: string | undefined) => boolean];

/** Tables without a header line that are told by their width and what their fields look like, or by their name. */
// prettier-ignore
const HEADERLESS: readonly Headerless[] = [
  [`open_time,${BAR},close_time,quote_volume,count,taker_buy_volume,taker_buy_quote_volume,ignore`, ({ length }) => length === 12],
  ['id,price,qty,quote_qty,time,is_buyer_maker', (fields) => fields.length === 6 && BOOLEAN.test(fields[5] ?? '')],
  ['id,price,qty,quote_qty,time,is_buyer_maker,is_best_match', (fields) => fields.length === 7 && BOOLEAN.test(fields[5] ?? '')],
  ['agg_trade_id,price,quantity,first_trade_id,last_trade_id,transact_time,is_buyer_maker', (fields) => fields.length === 7 && BOOLEAN.test(fields[6] ?? '')],
  ['agg_trade_id,price,quantity,first_trade_id,last_trade_id,transact_time,is_buyer_maker,is_best_match', (fields) => fields.length === 8 && BOOLEAN.test(fields[6] ?? '')],
  ['update_id,best_bid_price,best_bid_qty,best_ask_price,best_ask_qty,transaction_time,event_time', ({ length }, dataset) => length === 7 && dataset === 'bookTicker'],
  ['calc_time,funding_interval_hours,last_funding_rate', ({ length }, dataset) => length === 3 && dataset === 'fundingRate'],
  [`ms_of_day,${BAR}`, (fields) => fields.length === 6 && withinDay(fields[0])],
  [`ms_of_day,${QUOTE_BAR}`, (fields) => fields.length === 11 && withinDay(fields[0])],
  [`lean_time,${BAR}`, (fields) => fields.length === 6 && LEAN_TIME.test(fields[0] ?? '')],
  [`lean_time,${QUOTE_BAR}`, (fields) => fields.length === 11 && LEAN_TIME.test(fields[0] ?? '')],
  ['date,interest_rate', (fields) => fields.length === 2 && LEAN_TIME.test(fields[0] ?? '')],
];

const withinDay = (text: string | undefined): boolean => /^\d{1,8}$/.test(text ?? '') && Number(text) < DAY_MS;

/** Opens the content as a table, whatever it is written in. Throws DATA-003 and DATA-004. */
export async function openContent(content: Content, name: NameFacts, duckdb: boolean): Promise<Table> {
  const { place } = content;
  const head = await headOf(content);
  if (isParquet(head)) return parquetOf(content, duckdb);
  if (isArrow(head)) return openArrow(place, await wholeOf(content));
  if (isOldFeather(head)) throw refused(place, 'Feather of version 1', 'Write it again with a pandas of these days.');
  refuseOthers(place, head);
  const first = /^(?:\uFEFF)?\s*(.)/.exec(new TextDecoder().decode(head.subarray(0, 64)))?.[1];
  if (first === '[') return jsonOf(place, await wholeOf(content));
  if (first === '{') return bookOf(place, await wholeOf(content));
  return csvOf(content, await firstBlock(content), name.published?.dataset);
}

async function firstBlock(content: Content): Promise<Uint8Array> {
  for await (const block of lineBlocks(content)) return block;
  return new Uint8Array(0);
}

function csvOf(content: Content, first: Uint8Array, dataset: string | undefined): Table {
  const { names } = headerOf(content.place, first);
  const blocks = { [Symbol.asyncIterator]: () => lineBlocks(content) };
  if (!/^[-+.\d]/.test(names[0] ?? '')) return new CsvTable(content.place, first, { blocks });
  const [known] = HEADERLESS.find(([, fits]) => fits(names, dataset)) ?? [];
  if (known !== undefined) return new CsvTable(content.place, first, { blocks, columns: known.split(',') });
  throw fault(
    'DATA-004',
    `${content.place} must have a header line, or rows as Binance or LEAN write them; its ${names.length} fields begin ${JSON.stringify(names.slice(0, 4).join(','))}.`,
    { where: `${content.place}:1`, fix: `Add a header line, for bars ${NATIVE_BARS}.` },
  );
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
    const { names, wall } = await reader.columnsOf(file.path);
    return { file: place, columns: names, wall, parts: () => duckParts(reader, file.path, file.size) };
  }
  if (file !== undefined) return openParquetRanges(place, sourceOf(file));
  const bytes = await wholeOf(content);
  return openParquetRanges(
    place,
    bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer,
  );
}

async function* duckParts(reader: DuckDb, path: string, bytes: number): AsyncGenerator<Rows> {
  let before = 0;
  for await (const { length, values } of reader.parts(path, bytes)) {
    yield new ValueRows(path, values, length, before);
    before += length;
  }
}

/** The layout of a table. Throws DATA-004, naming what it lacks, for a table that is none of the wanted ones. */
export function layoutOf(table: Table, wanted: Wanted, name: NameFacts, given: string): Layout {
  const foreign = table.positional === true ? [] : foreignLayouts(table.columns);
  // What freqtrade names its files tells that they are of freqtrade.
  const known = name.symbol?.includes('/') === true ? [...LAYOUTS, ...foreign] : [...foreign, ...LAYOUTS];
  const ofFormat = known.filter(
    ({ format }) => wanted.format === 'auto' || wanted.format === 'parquet' || format === wanted.format,
  );
  const symbols = SYMBOL_LIKE.some((column) => table.columns.includes(column));
  const fitting = ofFormat.filter(
    ({ columns, symbol, format }) =>
      columns.every((column) => table.columns.includes(column)) &&
      !(symbols && symbol === undefined && (format === 'freqtrade' || format === 'ccxt')),
  );
  const kind = name.published?.kind ?? wanted.kind ?? hintedKind(given);
  const strict = name.published !== undefined || wanted.kind !== undefined;
  const most = Math.max(0, ...fitting.map(({ columns }) => columns.length));
  const best = fitting.filter(({ columns }) => columns.length === most);
  const ofKind = kind === undefined ? best : best.filter((layout) => fitsKind(layout, kind));
  const [found] = ofKind.length > 0 || strict ? ofKind : best;
  if (
    found !== undefined &&
    (kind !== undefined || ofKind.every((layout) => layout.kind === found.kind) || found.kind === 'bars')
  ) {
    checkOnce(table, found);
    return found;
  }
  throw unknownTable(table, { ...wanted, ...(strict && kind !== undefined ? { kind } : {}) }, best, ofFormat);
}

/** Says the one thing that a table lacks: a choice, a column of times, or what the nearest layout has beyond it. */
function unknownTable(
  table: Table,
  { format, kind }: Wanted,
  best: readonly Layout[],
  known: readonly Layout[],
): Error {
  const anyFormat = format === 'auto' || format === 'parquet';
  const refuse = (cause: string, fix: string): Error =>
    fault(
      'DATA-004',
      `${table.file} must be ${anyFormat ? 'of a known format' : `of the format ${format}`}${kind === undefined ? '' : ` and hold ${kind}`}; its columns are ${shown(table.columns)}. ${cause}`,
      { where: table.file, fix },
    );
  const lacks = ({ columns }: Layout): readonly string[] => columns.filter((name) => !table.columns.includes(name));
  const [near] = known
    .filter((layout) => lacks(layout).length > 0 && (kind === undefined || fitsKind(layout, kind)))
    .filter((layout) => !anyFormat || (isNear(layout, table) && lacks(layout).length <= layout.columns.length / 2))
    .sort((a, b) => lacks(a).length - lacks(b).length);
  const nearest =
    near === undefined
      ? 'Prices of no kind are among them.'
      : `It comes close to ${near.name} (--kind ${near.kind}), missing: ${lacks(near).join(', ')}.`;
  if (best.length > 0)
    return refuse(
      `They fit ${best.map((layout) => layout.name).join(' and ')}.${near === undefined ? '' : ` ${nearest}`}`,
      `Say which with ${[...new Set(best.map((layout) => `--kind ${layout.kind}`))].join(' or ')}.`,
    );
  if (anyFormat && !known.some(({ time }) => table.columns.includes(time.column)))
    return refuse(
      `None of them is a column of times by its name: ${TIME_NAMES.join(', ')}.`,
      `Name it so, for bars as ${NATIVE_BARS}; docs/data.md lists all formats.`,
    );
  return refuse(
    nearest,
    near === undefined
      ? `Write bars as ${NATIVE_BARS}, times in epoch milliseconds; docs/data.md lists all formats.`
      : `Rename or add the columns: ${near.name} are ${near.columns.join(',')}.`,
  );
}

/** More of it is there than a time and a symbol. */
const isNear = ({ columns, time, symbol }: Layout, table: Table): boolean =>
  columns.some((name) => name !== time.column && name !== symbol && table.columns.includes(name));

/** Names of columns, of whatever length and content, in a line. */
function shown(columns: readonly string[]): string {
  const text = columns.join(', ').replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, '?');
  return text.length <= MOST_SHOWN ? text : `${text.slice(0, MOST_SHOWN)}… (${columns.length})`;
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

const MOST_SHOWN = 400;
const NATIVE_BARS = 'ts_ms,symbol,open,high,low,close,volume';

const fitsKind = (layout: Layout, kind: DataKind): boolean =>
  layout.special === 'ticker' ? kind === 'mark' || kind === 'index' || kind === 'funding' : layout.kind === kind;

const refused = (place: string, what: string, fix: string): Error =>
  fault('DATA-004', `${place} must be CSV, Parquet, Feather, or JSON rows, was ${what}.`, { where: place, fix });
