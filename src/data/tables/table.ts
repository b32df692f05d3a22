import { fault } from '../../domain/errors.js';
import type { DecimalScanner } from './decimal-scanner.js';

/** A cursor over rows of a table, whatever the file's format. */
export interface Rows {
  /** Moves to the next row; false at the end. Throws DATA-003 for a row of another width. */
  next(): boolean;
  /** Number of the row among the data rows of the file, from 1. */
  readonly row: number;
  /** File and line (CSV) or file and row (Parquet). */
  place(): string;
  text(column: number): string;
  matches(column: number, text: string): boolean;
  /** No value at all: empty text, or null. */
  isBlank(column: number): boolean;
  /** False when the value is no decimal number. */
  scan(column: number, into: DecimalScanner): boolean;
  /**
   * A whole number, as times and ids are; milliseconds of a timestamp. NaN for anything else. Beyond 2^53 its last
   * digits are lost.
   */
  whole(column: number): number;
}

export interface Table {
  readonly file: string;
  readonly columns: readonly string[];
  /** The file does not name its columns: their names are those of a layout that they look like. */
  readonly positional?: boolean;
  /** For each column: its instants are what a clock on the wall showed, and nothing says where. */
  readonly wall?: readonly boolean[];
  /** Of lines, once they are read: the last one has no end, so that it may be cut off. */
  endless?(): boolean;
  /** Rows in the order of the file, a part at a time. */
  parts(): AsyncIterable<Rows> | Iterable<Rows>;
}

/**
 * A file that begins with a whole number of this size has it in seconds (2001 to 2064), or in microseconds (from 1973
 * on).
 */
const SECONDS = { from: 1e9, below: 3e9 } as const;
export const MICROSECONDS_FROM = 1e14;

/**
 * A row's time. Throws DATA-003 for anything that is no whole number of milliseconds, and for a first one in other
 * units.
 */
export function timeOf(rows: Rows, column: number, scanner: DecimalScanner, first: boolean): number {
  const valid = rows.scan(column, scanner) && scanner.decimals === 0 && scanner.mantissa > 0;
  const at = scanner.mantissa;
  const unit =
    valid && at >= MICROSECONDS_FROM
      ? 'microseconds or finer'
      : valid && first && at >= SECONDS.from && at < SECONDS.below
        ? 'seconds'
        : undefined;
  if (valid && unit === undefined) return at;
  throw badRow(
    rows,
    'DATA-003',
    `ts_ms must be a whole number of milliseconds since 1970, was ${JSON.stringify(rows.text(column))}${unit === undefined ? '' : `: that reads as ${unit}`}.`,
    'Write times as epoch milliseconds.',
  );
}

/** A row that cannot be used. */
export function badRow(rows: Rows, code: 'DATA-003' | 'DATA-005', message: string, fix: string): Error {
  return fault(code, `Row ${rows.row}: ${message}`, {
    where: rows.place(),
    why: 'One wrong row would falsify every result that comes after it.',
    fix,
  });
}

/** Names the symbols of a file that does not hold the wanted one. */
export function symbolMissing(file: string, wanted: string, present: ReadonlySet<string>): Error {
  const names = [...present].sort();
  return fault(
    'DATA-006',
    `${file} must hold rows of ${wanted}; it holds ${names.length === 0 ? 'none at all' : names.join(', ')}.`,
    {
      where: file,
      why: 'A symbol is matched exactly as the file spells it.',
      fix:
        names.length === 0
          ? 'Use a file with rows.'
          : `Pass --symbol ${names[0] ?? ''}${names.length > 1 ? ' or another of them' : ''}.`,
    },
  );
}
