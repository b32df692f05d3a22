import { fault, messageOf } from '../../domain/errors.js';
import { ValueRows } from '../tables/parquet-table.js';
import type { Rows, Table } from '../tables/table.js';

const MAGIC = [0x41, 0x52, 0x52, 0x4f, 0x57, 0x31];
/** Its number in Arrow's file format. */
const LZ4_FRAME = 0 as never;
const OLD_MAGIC = [0x46, 0x45, 0x41, 0x31];

export const isArrow = (bytes: Uint8Array): boolean => MAGIC.every((code, index) => bytes[index] === code);
export const isOldFeather = (bytes: Uint8Array): boolean => OLD_MAGIC.every((code, index) => bytes[index] === code);

/**
 * An Arrow file (Feather), as pandas writes it, packed with LZ4 or plain. Instants become epoch milliseconds. Throws
 * DATA-003.
 */
export async function openArrow(file: string, bytes: Uint8Array): Promise<Table> {
  const arrow = await import('apache-arrow');
  const lz4 = await import('lz4js');
  arrow.compressionRegistry.set(LZ4_FRAME, {
    decode: (packed) => lz4.decompress(packed),
    encode: (plain) => lz4.compress(plain),
  });
  try {
    const table = arrow.tableFromIPC(bytes);
    const columns = table.schema.fields.map(({ name }) => name);
    // What has no unit is no instant; what has one and no zone is what a clock on the wall showed.
    const wall = table.schema.fields.map(
      ({ type }) => arrow.DataType.isDate(type) || (arrow.DataType.isTimestamp(type) && (type.timezone ?? '') === ''),
    );
    return { file, columns, wall, parts: () => batches(file, table.batches, columns.length) };
  } catch (cause) {
    throw fault('DATA-003', `${file} must be a readable Feather file: ${messageOf(cause)}.`, {
      where: file,
      cause,
      fix: 'Write it with LZ4 or without compression, as pandas does; a download may have been cut off.',
    });
  }
}

interface Batch {
  readonly numRows: number;
  getChildAt(index: number): Iterable<unknown> | null;
}

function* batches(file: string, parts: readonly Batch[], width: number): Generator<Rows> {
  let before = 0;
  for (const batch of parts) {
    yield new ValueRows(
      file,
      Array.from({ length: width }, (_, index) => [...(batch.getChildAt(index) ?? [])]),
      batch.numRows,
      before,
    );
    before += batch.numRows;
  }
}
