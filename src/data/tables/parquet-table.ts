import type { AsyncBuffer, FileMetaData, SchemaElement } from 'hyparquet';
import { fault, messageOf } from '../../domain/errors.js';
import type { DecimalScanner } from './decimal-scanner.js';
import type { Rows, Table } from './table.js';

const MAGIC = [0x50, 0x41, 0x52, 0x31];

export const isParquet = (bytes: Uint8Array): boolean => MAGIC.every((code, index) => bytes[index] === code);

/**
 * A Parquet file, read by ranges and a row group at a time, so that memory holds its footer and one group of rows.
 * Doubles become decimals by their shortest text. The library is loaded on first use: a CSV run does not pay for it.
 */
export async function openParquetRanges(file: string, buffer: AsyncBuffer): Promise<Table> {
  const { parquetMetadataAsync } = await import('hyparquet');
  let metadata: FileMetaData;
  try {
    metadata = await parquetMetadataAsync(buffer);
  } catch (cause) {
    throw unreadable(file, cause);
  }
  refuseEndless(file, Number(metadata.num_rows), buffer.byteLength);
  const elements = metadata.schema.slice(1).filter((element) => element.num_children === undefined);
  const columns = elements.map(({ name }) => name);
  return { file, columns, wall: elements.map(isWall), parts: () => groups(file, buffer, metadata, columns) };
}

const isWall = ({ logical_type: type, converted_type: before }: SchemaElement): boolean =>
  (type?.type === 'TIMESTAMP' && !type.isAdjustedToUTC) || type?.type === 'DATE' || before === 'DATE';

/** Rows of a market need more than this part of a byte each, however they are packed. */
const MOST_ROWS_A_BYTE = 16;
const FREE_ROWS = 100_000;

/** Throws DATA-003 for a file that unpacks without end, before it fills memory. */
export function refuseEndless(file: string, rows: number, bytes: number): void {
  if (rows <= FREE_ROWS || rows <= MOST_ROWS_A_BYTE * bytes) return;
  throw fault('DATA-003', `${file} must hold rows of a market, and names ${rows} of them in ${bytes} bytes.`, {
    where: file,
    why: 'No market packs so well; it would fill the memory of this machine.',
    fix: 'Write the file again.',
  });
}

async function* groups(
  file: string,
  buffer: AsyncBuffer,
  metadata: FileMetaData,
  columns: readonly string[],
): AsyncGenerator<Rows> {
  const { parquetRead } = await import('hyparquet');
  const { compressors } = await import('hyparquet-compressors');
  const scales = metadata.schema
    .slice(1)
    .filter((element) => element.num_children === undefined)
    .map((element) => (element.converted_type === 'DECIMAL' ? (element.scale ?? 0) : undefined));
  let rowStart = 0;
  for (const group of metadata.row_groups) {
    const length = Number(group.num_rows);
    const values = columns.map(() => new Array<unknown>(length));
    try {
      await parquetRead({
        file: buffer,
        metadata,
        compressors,
        rowStart,
        rowEnd: rowStart + length,
        onChunk: (chunk) =>
          place(chunk.columnData, chunk.rowStart - rowStart, values[columns.indexOf(chunk.columnName)]),
      });
    } catch (cause) {
      throw unreadable(file, cause);
    }
    yield new ValueRows(file, values, length, rowStart, scales);
    rowStart += length;
  }
}

/** Copies a chunk to where its rows belong in the group; a chunk may reach beyond the group on both sides. */
function place(chunk: ArrayLike<unknown>, offset: number, into: unknown[] | undefined): void {
  if (into === undefined) return;
  for (let i = Math.max(0, -offset); i < chunk.length && offset + i < into.length; i += 1) into[offset + i] = chunk[i];
}

/** A cursor over columns of plain values, whatever they were read from. */
export class ValueRows implements Rows {
  private index = -1;

  constructor(
    private readonly file: string,
    private readonly values: readonly (readonly unknown[])[],
    private readonly length: number,
    private readonly before: number,
    /**
     * Of columns whose numbers are decimals of so many places that went through a double: the double is rounded back to
     * them.
     */
    private readonly scales: readonly (number | undefined)[] = [],
  ) {}

  get row(): number {
    return this.before + this.index + 1;
  }

  next(): boolean {
    this.index += 1;
    return this.index < this.length;
  }

  place(): string {
    return `${this.file} row ${this.row}`;
  }

  text(column: number): string {
    const value = this.value(column);
    return value === null || value === undefined ? '' : value instanceof Date ? String(value.getTime()) : plain(value);
  }

  matches(column: number, text: string): boolean {
    const value = this.value(column);
    return value === text || (typeof value !== 'string' && plain(value) === text);
  }

  isBlank(column: number): boolean {
    const value = this.value(column);
    return value === null || value === undefined || value === '';
  }

  scan(column: number, into: DecimalScanner): boolean {
    const value = this.value(column);
    if (typeof value === 'bigint' && Number.isSafeInteger(Number(value))) return into.scanNumber(Number(value));
    if (typeof value !== 'number') return into.scanText(this.text(column));
    const scale = this.scales[column];
    return scale === undefined ? into.scanNumber(value) : into.scanScaled(Math.round(value * 10 ** scale), scale);
  }

  whole(column: number): number {
    const value = this.value(column);
    const whole =
      value instanceof Date
        ? value.getTime()
        : typeof value === 'bigint' || typeof value === 'number'
          ? Number(value)
          : /^\d{1,19}$/.test(plain(value))
            ? Number(value)
            : NaN;
    return Number.isInteger(whole) && whole >= 0 ? whole : NaN;
  }

  private value(column: number): unknown {
    const value = this.values[column]?.[this.index];
    return typeof value === 'string' ? value.trim() : value;
  }
}

const unreadable = (file: string, cause: unknown): Error =>
  fault('DATA-003', `${file} must be a readable Parquet file: ${messageOf(cause)}`, {
    where: file,
    cause,
    fix: 'Write the file again; a download may have been cut off.',
  });

/** Text of a cell; what is no plain value reads as something that no number is. */
const plain = (value: unknown): string =>
  typeof value === 'string'
    ? value
    : typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean'
      ? String(value)
      : '[object]';
