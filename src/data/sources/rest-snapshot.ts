import { fault } from '../../domain/errors.js';
import { CsvTable } from '../tables/csv-table.js';
import type { Table } from '../tables/table.js';

type Levels = readonly (readonly [unknown, unknown])[];

interface Snapshot {
  readonly lastUpdateId: unknown;
  /** The venue's time of the book, in milliseconds. */
  readonly T?: unknown;
  readonly E?: unknown;
  readonly bids: Levels;
  readonly asks: Levels;
}

/**
 * The book as Binance's REST depth answers it, plain or under `snapshot`, as a table of one row. Undefined for another
 * JSON object. Throws DATA-004 for an answer without a time: where it belongs among the changes would be a guess.
 */
export function snapshotTable(place: string, bytes: Uint8Array): Table | undefined {
  const book = snapshotIn(bytes);
  if (book === undefined) return undefined;
  const at = book.T ?? book.E;
  if (typeof at !== 'number' || !Number.isInteger(at)) {
    throw fault(
      'DATA-004',
      `${place} must tell the time of its book in T or E, as the futures venues answer it; it does not.`,
      { where: place, fix: 'Put the milliseconds of its arrival in as "T".' },
    );
  }
  const levels = (['asks', 'bids'] as const).flatMap((side) =>
    book[side].map(([price, amount], level) => ({ name: `${side}[${level}]`, price, amount })),
  );
  const names = ['T', 'lastUpdateId', ...levels.flatMap(({ name }) => [`${name}.price`, `${name}.amount`])];
  const values = [at, book.lastUpdateId, ...levels.flatMap(({ price, amount }) => [price, amount])];
  return new CsvTable(place, new TextEncoder().encode(`${names.join(',')}\n${values.join(',')}\n`));
}

function snapshotIn(bytes: Uint8Array): Snapshot | undefined {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
  const wrapped = (value as { readonly snapshot?: unknown } | null)?.snapshot;
  return [value, wrapped].find(isSnapshot);
}

function isSnapshot(value: unknown): value is Snapshot {
  if (typeof value !== 'object' || value === null) return false;
  const { lastUpdateId, bids, asks } = value as Partial<Record<keyof Snapshot, unknown>>;
  return (
    lastUpdateId !== undefined &&
    [bids, asks].every(
      (levels) =>
        Array.isArray(levels) &&
        levels.length > 0 &&
        levels.every((level) => Array.isArray(level) && level.length >= 2),
    )
  );
}
