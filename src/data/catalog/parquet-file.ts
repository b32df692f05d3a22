import type { FileMetaData } from 'hyparquet';
import { fault, messageOf } from '../../domain/errors.js';
import type { DataKind } from '../columns.js';
import { allocate, SHAPES, type Block, type ColumnArray, type ColumnRole, type ColumnShape } from './kinds.js';

/** Rows that are encoded, and later decoded, at once: what bounds the memory of both. */
const GROUP_ROWS = 262_144;
const MICROSECONDS = 1_000;
const INT32_MOST = 2 ** 31 - 1;

/** Name of a column in Parquet: times are told in whole microseconds. */
export const parquetName = ({ name, role }: ColumnShape): string => (role === 'time' ? 'at_us' : name);

type Physical = 'INT32' | 'INT64' | 'DOUBLE';

/** Rows as Parquet: integers delta-packed, everything compressed with Snappy, in groups that can be read one by one. */
export async function encodeParquet(block: Block, facts: Readonly<Record<string, string>>): Promise<Uint8Array[]> {
  const { ByteWriter, ParquetWriter } = await import('hyparquet-writer');
  const shapes = SHAPES[block.kind];
  const types = shapes.map(({ role }, index) => physicalOf(role, block.columns[index] as ColumnArray));
  const writer = new ByteWriter(1 << 20);
  const parquet = new ParquetWriter({
    writer,
    schema: [
      { name: 'root', num_children: shapes.length },
      ...shapes.map((shape, index) => ({
        name: parquetName(shape),
        type: types[index] as Physical,
        repetition_type: 'REQUIRED' as const,
      })),
    ],
    createdBy: 'perpsbot',
    kvMetadata: Object.entries(facts).map(([key, value]) => ({ key: `perpsbot.${key}`, value })),
  });
  for (let from = 0; from < block.length; from += GROUP_ROWS) {
    const to = Math.min(block.length, from + GROUP_ROWS);
    const columnData = shapes.map((shape, index) => {
      const type = types[index] as Physical;
      const data = convert(shape.role, type, (block.columns[index] as ColumnArray).subarray(from, to));
      return {
        name: parquetName(shape),
        data,
        type,
        encoding: type === 'DOUBLE' ? ('PLAIN' as const) : ('DELTA_BINARY_PACKED' as const),
      };
    });
    await parquet.write({ columnData, rowGroupSize: to - from });
  }
  await parquet.finish();
  return [writer.getBytes()];
}

function physicalOf(role: ColumnRole, column: ColumnArray): Physical {
  if (role === 'time') return 'INT64';
  if (role === 'volume' || role === 'rate') return 'DOUBLE';
  for (let i = 0; i < column.length; i += 1) if (!(Math.abs(column[i] as number) <= INT32_MOST)) return 'INT64';
  return 'INT32';
}

function convert(role: ColumnRole, type: Physical, column: ColumnArray): BigInt64Array | Int32Array | Float64Array {
  if (type === 'INT64') {
    const scale = role === 'time' ? MICROSECONDS : 1;
    const wide = new BigInt64Array(column.length);
    for (let i = 0; i < column.length; i += 1) wide[i] = BigInt(Math.round((column[i] as number) * scale));
    return wide;
  }
  return type === 'INT32' ? Int32Array.from(column) : (column as Float64Array);
}

/** A file of the catalog that can be read by ranges. */
export interface ParquetSource {
  readonly byteLength: number;
  slice(start: number, end?: number): ArrayBuffer;
}

/** The rows of a file of the catalog, decoded a group at a time. Throws DATA-007 for one that cannot be decoded. */
export async function decodeParquet(kind: DataKind, source: ParquetSource, place: string): Promise<Block> {
  const { parquetMetadataAsync, parquetRead } = await import('hyparquet');
  const shapes = SHAPES[kind];
  try {
    const metadata: FileMetaData = await parquetMetadataAsync(source);
    const block = allocate(kind, Number(metadata.num_rows));
    let rowStart = 0;
    for (const group of metadata.row_groups) {
      const rowEnd = rowStart + Number(group.num_rows);
      await parquetRead({
        file: source,
        metadata,
        rowStart,
        rowEnd,
        onChunk: ({ columnName, columnData, rowStart: at }) => {
          const index = shapes.findIndex((shape) => parquetName(shape) === columnName);
          const into = block.columns[index];
          if (into !== undefined) fill(into, at, columnData, shapes[index]?.role === 'time');
        },
      });
      rowStart = rowEnd;
    }
    return block;
  } catch (cause) {
    throw damaged(place, messageOf(cause), cause);
  }
}

function fill(into: ColumnArray, at: number, values: ArrayLike<unknown>, isTime: boolean): void {
  if (at + values.length > into.length)
    throw new Error(`a column must have ${into.length} rows, has ${at + values.length}`);
  const scale = isTime ? MICROSECONDS : 1;
  if (values instanceof BigInt64Array)
    for (let i = 0; i < values.length; i += 1) into[at + i] = Number(values[i]) / scale;
  else for (let i = 0; i < values.length; i += 1) into[at + i] = Number(values[i]) / scale;
}

export const damaged = (place: string, message: string, cause?: unknown): Error =>
  fault('DATA-007', `${place} must be as it was written: ${(message.split('\n', 1)[0] ?? '').replace(/\.$/, '')}.`, {
    where: place,
    cause,
    why: 'A result over damaged data would look like any other.',
    fix: 'Import its source again into a new catalog directory, or restore the file from a copy.',
  });
