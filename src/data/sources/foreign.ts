import type { Table } from '../tables/table.js';
import { LAYOUTS, TABLES, type Layout } from './layouts.js';

/**
 * Names of columns of times, the one that is meant first. What pandas calls an index has no name, or one of the last.
 */
export const TIME_NAMES = ['ts_ms', 'ts', 'timestamp', 'time', 'date', 'datetime', 'open_time'] as const;
const INDEX_NAMES = ['__index_level_0__', 'index', 'unnamed:_0'];
/** The one name of a column that says in what its numbers are. */
const STRICT = 'ts_ms';

const KNOWN = new Set(
  LAYOUTS.flatMap(({ columns, values, time, symbol, id, message, side, snapshot }) => [
    ...columns,
    ...Object.values(values),
    time.column,
    ...[symbol, id, message, side?.column, snapshot?.column].filter((name) => name !== undefined),
  ]),
);

/** A column's name as layouts have it: letter case and spaces are the writer's habit, and say nothing. */
export const columnName = (name: string): string =>
  KNOWN.has(name) ? name : name.trim().toLowerCase().replaceAll(/\s+/g, '_');

/** The same table with its columns under the names that layouts have. */
export const renamed = (table: Table): Table => ({
  file: table.file,
  columns: table.columns.map(columnName),
  positional: table.positional === true,
  wall: table.wall ?? [],
  endless: () => table.endless?.() === true,
  parts: () => table.parts(),
});

/** The column of times; undefined where none is named as one. */
function timeColumnOf(columns: readonly string[]): string | undefined {
  const named = [...TIME_NAMES, ...INDEX_NAMES].find((name) => columns.includes(name));
  return named ?? (columns[0] === '' ? '' : undefined);
}

/** Names of columns that may hold symbols: a table with one of them is not of the one symbol that the user names. */
export const SYMBOL_LIKE = [
  'name',
  'ticker',
  'pair',
  'instrument',
  'instrument_id',
  'coin',
  'asset',
  'contract',
  'product_id',
];

/** Our own tables as others write them: under another name of the time, and without a symbol. */
export function foreignLayouts(columns: readonly string[]): readonly Layout[] {
  const time = timeColumnOf(columns);
  if (time === undefined) return [];
  const hasSymbol = columns.includes('symbol') || SYMBOL_LIKE.some((name) => columns.includes(name));
  if (time === STRICT && hasSymbol) return [];
  return TABLES.map(({ symbol, ...layout }) => ({
    ...layout,
    columns: layout.columns
      .filter((name) => name !== symbol || hasSymbol)
      .map((name) => (name === layout.time.column ? time : name)),
    time: time === STRICT ? layout.time : { column: time, unit: 'any' as const },
    ...(hasSymbol && symbol !== undefined ? { symbol } : {}),
  }));
}
