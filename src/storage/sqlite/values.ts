import { fault } from '../../domain/errors.js';
import type { SqliteDatabase, SqlRow, SqlValue } from '../../ports/storage/sqlite.js';

/**
 * Whole numbers as 64-bit integers: a driver would otherwise bind a large one as a floating-point number. Throws a
 * RangeError for a text with a NUL character, at which some drivers would cut it.
 */
export function bound(value: SqlValue): SqlValue {
  if (typeof value === 'string' && value.includes('\0'))
    throw new RangeError('A text must be without NUL characters, had one.');
  return Number.isSafeInteger(value) ? BigInt(value as number) : value;
}

/** Integers as numbers where that is exact. In place: a start reads many thousand rows. */
export function exactRow(row: Record<string, unknown>): SqlRow {
  for (const key in row) {
    const value = row[key];
    if (typeof value === 'bigint' && value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER)
      row[key] = Number(value);
  }
  return row as SqlRow;
}

/** `BEGIN IMMEDIATE`, so that a conflict with another writer shows at once and not at the commit. */
export function inTransaction<T>(database: Pick<SqliteDatabase, 'exec'>, work: () => T): T {
  database.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    database.exec('COMMIT');
    return result;
  } catch (error) {
    try {
      database.exec('ROLLBACK');
    } catch {
      // SQLite has rolled back by itself (disk full, I/O error); the first error says why.
    }
    throw error;
  }
}

/** A number column; throws STORE-001 for anything else. */
export function numberOf(row: SqlRow, column: string): number {
  const value = row[column];
  if (typeof value !== 'number') throw fault('STORE-001', `Column ${column} must be a number, was ${String(value)}.`);
  return value;
}

/** A text column; throws STORE-001 for anything else. */
export function textOf(row: SqlRow, column: string): string {
  const value = row[column];
  if (typeof value !== 'string') throw fault('STORE-001', `Column ${column} must be text, was ${String(value)}.`);
  return value;
}
