import type { FileMetaData, SchemaElement } from 'hyparquet';
import { Decimal } from '../../domain/decimal.js';
import { fault, messageOf } from '../../domain/errors.js';
import type { DataKind } from '../columns.js';
import { GroupWriter } from '../parquet/group-writer.js';
import {
  allocate,
  piecesOf,
  SHAPES,
  type Block,
  type ColumnArray,
  type ColumnRole,
  type ColumnShape,
  type Stretch,
} from './kinds.js';

/** Bytes of a file that are put together before they are put aside. */
const PART = 1 << 19;
const MICROSECONDS = 1_000;
/** Digits of a decimal that Parquet keeps in 64 bits. */
const PRECISION = 18;
const MOST = 10n ** BigInt(PRECISION);

/** Names of the column of times: whole microseconds in files of before, instants now. */
const [MICROS, INSTANT] = ['at_us', 'time'];

/** How multiples of a tick or step stand in Parquet: as decimals of so many digits, each a multiple of `factor`. */
interface Decimals {
  readonly digits: number;
  readonly factor: number;
}

/** What prices and sizes of a file are counted in; undefined for a file of before, which has bare multiples. */
export interface Counting {
  readonly price: Decimals;
  readonly size: Decimals;
}

const decimalsOf = (unit: string | undefined): Decimals => {
  const value = new Decimal(unit ?? '1');
  const digits = value.decimalPlaces();
  return { digits, factor: value.times(Decimal.pow(10, digits)).toNumber() };
};
const countingOf = (facts: Readonly<Record<string, string>>): Counting => ({
  price: decimalsOf(facts['tick']),
  size: decimalsOf(facts['step']),
});

interface Target extends SchemaElement {
  readonly type: 'INT32' | 'INT64' | 'DOUBLE';
  readonly repetition_type: 'REQUIRED';
  readonly role: ColumnRole;
  readonly factor: number;
  readonly rounds: boolean;
}

/** What a column is: other programs show prices, sizes and times as they are. */
function targetOf({ name, role }: ColumnShape, counting: Counting): Target {
  const base = { name, role, factor: 1, rounds: false, repetition_type: 'REQUIRED' as const };
  if (role === 'time')
    return {
      ...base,
      name: INSTANT,
      factor: MICROSECONDS,
      rounds: true,
      type: 'INT64',
      converted_type: 'TIMESTAMP_MICROS',
      logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MICROS' },
    };
  if (role === 'volume' || role === 'rate') return { ...base, type: 'DOUBLE' };
  if (role === 'side' || role === 'flags') return { ...base, type: 'INT32' };
  const { digits: scale, factor } = counting[role];
  return {
    ...base,
    factor,
    type: 'INT64',
    converted_type: 'DECIMAL',
    precision: PRECISION,
    scale,
    logical_type: { type: 'DECIMAL', precision: PRECISION, scale },
  };
}

/**
 * Rows as Parquet: integers delta-packed, what shrinks compressed with Snappy, in groups that can be read one by one.
 * `facts` name the tick and the step that prices and sizes are multiples of. `look` sees every value once, column after
 * column, each from its first row on.
 */
export async function encodeParquet(
  rows: Stretch,
  facts: Readonly<Record<string, string>>,
  look: (column: number, values: ColumnArray) => void = () => undefined,
): Promise<Uint8Array[]> {
  const { ByteWriter, ParquetWriter } = await import('hyparquet-writer');
  const { writePageHeader } = await import('hyparquet-writer/src/datapage.js');
  const counting = countingOf(facts);
  const targets = SHAPES[rows.kind].map((shape) => targetOf(shape, counting));
  const bare = targets.map(({ name, type, repetition_type }): SchemaElement => ({ name, type, repetition_type }));
  const parts: Uint8Array[] = [];
  const writer = new ByteWriter(PART);
  const parquet = new ParquetWriter({
    writer,
    schema: [{ name: 'root', num_children: targets.length }, ...bare],
    createdBy: 'perpsbot',
    kvMetadata: Object.entries(facts).map(([key, value]) => ({ key: `perpsbot.${key}`, value })),
  });
  const groups = new GroupWriter(parquet, writePageHeader);
  // A column is read from its first row to its last, a group lies in the file with all its columns: in between only
  // what they were packed to is held.
  const pieces = [...piecesOf(rows.length)];
  const packed = targets.map((target, index) =>
    pieces.map(([from, to]) => {
      const values = rows.column(index, from, to);
      look(index, values);
      return groups.pack({ ...target, values });
    }),
  );
  for (const [group, [from, to]] of pieces.entries()) {
    if (!groups.write(packed.map((column) => column[group]))) {
      const columnData = targets.map((target, index) => ({
        name: target.name,
        data: bareValues({ ...target, values: rows.column(index, from, to) }),
        type: target.type,
        encoding: target.type === 'DOUBLE' ? ('PLAIN' as const) : ('DELTA_BINARY_PACKED' as const),
      }));
      await parquet.write({ columnData, rowGroupSize: to - from });
    }
    for (const column of packed) column[group] = undefined;
    // What is written is put aside, so that the writer's memory does not double while the file grows.
    if (writer.index < PART) continue;
    parts.push(writer.getBytes().slice());
    writer.index = 0;
  }
  // The writer was given whole numbers as they are stored; what they mean stands in the footer.
  bare.forEach((element, index) => {
    const { converted_type, logical_type, precision, scale } = targets[index] as Target;
    Object.assign(element, { converted_type, logical_type, precision, scale });
  });
  await parquet.finish();
  return [...parts, writer.getBytes()];
}

/** A column as it is stored, each integer of 64 bits a BigInt. */
function bareValues({ type, rounds, factor, values }: Target & { readonly values: ColumnArray }) {
  if (type === 'INT32') return Int32Array.from(values);
  if (type === 'DOUBLE') return values as Float64Array;
  return BigInt64Array.from(values as Float64Array, (each: number): bigint => {
    const value = rounds ? Math.round(each * factor) : each * factor;
    return Number.isSafeInteger(value) ? BigInt(value) : large(each, factor);
  });
}

function large(value: number, factor: number): bigint {
  const product = BigInt(value) * BigInt(factor);
  if (product < MOST && product > -MOST) return product;
  throw fault(
    'NUM-001',
    `A price or size must have at most ${PRECISION} digits at the digits of its tick or step, was ${product}.`,
  );
}

/** A file of the catalog that can be read by ranges. */
export interface ParquetSource {
  readonly byteLength: number;
  slice(start: number, end?: number): ArrayBuffer;
}

/** What the footer of a file says of its prices and sizes. Throws DATA-007 for one that cannot be decoded. */
export async function countingIn(source: ParquetSource, place: string): Promise<Counting | undefined> {
  const { parquetMetadataAsync } = await import('hyparquet');
  try {
    return countedIn(await parquetMetadataAsync(source));
  } catch (cause) {
    throw damaged(place, messageOf(cause), cause);
  }
}

function countedIn({ schema, key_value_metadata: facts = [] }: FileMetaData): Counting | undefined {
  if (schema.some(({ name }) => name === MICROS)) return undefined;
  return countingOf(
    Object.fromEntries(facts.map(({ key, value = '' }) => [key.replace(/^perpsbot\./, ''), value] as const)),
  );
}

/** A column of a file in SQL, as the double that the catalog counts in. */
export function columnSql({ name, role }: ColumnShape, counting: Counting | undefined): string {
  if (role === 'time') {
    const micros = counting === undefined ? `"${MICROS}"` : `epoch_us("${INSTANT}")`;
    return `${micros}::DOUBLE / ${MICROSECONDS}::DOUBLE`;
  }
  if (counting === undefined || (role !== 'price' && role !== 'size')) return `"${name}"::DOUBLE`;
  const { digits, factor } = counting[role];
  if (digits === 0) return `"${name}"::DOUBLE / ${factor}`;
  // A double gives back the whole number that it was made of while that has fifteen digits; beyond, its text does.
  const double = `round("${name}"::DOUBLE * 1e${digits})`;
  const exact = `replace("${name}"::VARCHAR, '.', '')::BIGINT`;
  return `CASE WHEN abs("${name}"::DOUBLE) < 1e${15 - digits} THEN ${double} ELSE ${exact} END / ${factor}`;
}

/** The rows of a file of the catalog, decoded a group at a time. Throws DATA-007 for one that cannot be decoded. */
export async function decodeParquet(kind: DataKind, source: ParquetSource, place: string): Promise<Block> {
  const { parquetMetadataAsync, parquetRead } = await import('hyparquet');
  const shapes = SHAPES[kind];
  try {
    const footer = await parquetMetadataAsync(source);
    const counting = countedIn(footer);
    // Whole numbers as they are stored: through doubles and dates their last digits would be lost.
    const schema = footer.schema.map(bareOf);
    const metadata: FileMetaData = { ...footer, schema };
    const columns = new Map(
      shapes.map((shape, index) => {
        const target = targetOf(shape, counting ?? BARE);
        return [counting === undefined && shape.role === 'time' ? MICROS : target.name, { index, target }] as const;
      }),
    );
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
          const column = columns.get(columnName);
          if (column !== undefined)
            fill(block.columns[column.index] as ColumnArray, at, columnData, column.target.factor);
        },
      });
      rowStart = rowEnd;
    }
    return block;
  } catch (cause) {
    throw damaged(place, messageOf(cause), cause);
  }
}

/** A column without what its whole numbers mean. */
const bareOf = (element: SchemaElement): SchemaElement =>
  Object.fromEntries(Object.entries(element).filter(([key]) => !MEANING.includes(key))) as unknown as SchemaElement;
const MEANING = ['converted_type', 'logical_type', 'precision', 'scale'];
const BARE: Counting = { price: { digits: 0, factor: 1 }, size: { digits: 0, factor: 1 } };

function fill(into: ColumnArray, at: number, values: ArrayLike<unknown>, factor: number): void {
  if (at + values.length > into.length)
    throw new Error(`a column must have ${into.length} rows, has ${at + values.length}`);
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i];
    const plain = Number(value);
    into[at + i] =
      typeof value !== 'bigint' || Number.isSafeInteger(plain) ? plain / factor : Number(value / BigInt(factor));
  }
}

export const damaged = (place: string, message: string, cause?: unknown): Error =>
  fault('DATA-007', `${place} must be as it was written: ${(message.split('\n', 1)[0] ?? '').replace(/\.$/, '')}.`, {
    where: place,
    cause,
    why: 'A result over damaged data would look like any other.',
    fix: 'Import its source again into a new catalog directory, or restore the file from a copy.',
  });
