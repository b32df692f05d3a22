import type { FileMetaData, SchemaElement } from 'hyparquet';
import { Decimal } from '../../domain/decimal.js';
import { fault, messageOf } from '../../domain/errors.js';
import type { DataKind } from '../columns.js';
import { GroupWriter } from '../parquet/group-writer.js';
import { allocate, SHAPES, type Block, type ColumnArray, type ColumnRole, type ColumnShape } from './kinds.js';

/** Rows that are encoded, and later decoded, at once: what bounds the memory of both. */
const GROUP_ROWS = 262_144;
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
}

/** What a column is: other programs show prices, sizes and times as they are. */
function targetOf({ name, role }: ColumnShape, counting: Counting): Target {
  const base = { name, role, factor: 1, repetition_type: 'REQUIRED' as const };
  if (role === 'time')
    return {
      ...base,
      name: INSTANT,
      factor: MICROSECONDS,
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
 * Rows as Parquet: integers delta-packed, everything compressed with Snappy, in groups that can be read one by one.
 * `facts` name the tick and the step that prices and sizes are multiples of.
 */
export async function encodeParquet(block: Block, facts: Readonly<Record<string, string>>): Promise<Uint8Array[]> {
  const { ByteWriter, ParquetWriter } = await import('hyparquet-writer');
  const { writePageHeader } = await import('hyparquet-writer/src/datapage.js');
  const counting = countingOf(facts);
  const targets = SHAPES[block.kind].map((shape) => targetOf(shape, counting));
  const bare = targets.map(({ name, type, repetition_type }): SchemaElement => ({ name, type, repetition_type }));
  const writer = new ByteWriter(1 << 20);
  const parquet = new ParquetWriter({
    writer,
    schema: [{ name: 'root', num_children: targets.length }, ...bare],
    createdBy: 'perpsbot',
    kvMetadata: Object.entries(facts).map(([key, value]) => ({ key: `perpsbot.${key}`, value })),
  });
  const groups = new GroupWriter(parquet, writePageHeader);
  const room = targets.map(({ type }) => storeOf(type, Math.min(GROUP_ROWS, block.length)));
  for (let from = 0; from < block.length; from += GROUP_ROWS) {
    const rows = Math.min(GROUP_ROWS, block.length - from);
    const columns = targets.map((target, index) => ({
      target,
      column: (block.columns[index] as ColumnArray).subarray(from, from + rows),
      into: room[index] as Float64Array | Int32Array,
    }));
    const stored = columns.map(({ target: { name, type }, into }) => ({ name, type, values: into }));
    const stay = columns.map((column) => stores(column));
    if (!stay.includes(false) && groups.write(stored, rows)) continue;
    const columnData = columns.map(({ target, column, into }) => ({
      name: target.name,
      data: target.type === 'INT64' ? convert(target, column) : into,
      type: target.type,
      encoding: target.type === 'DOUBLE' ? ('PLAIN' as const) : ('DELTA_BINARY_PACKED' as const),
    }));
    await parquet.write({ columnData, rowGroupSize: rows });
  }
  // The writer was given whole numbers as they are stored; what they mean stands in the footer.
  bare.forEach((element, index) => {
    const { converted_type, logical_type, precision, scale } = targets[index] as Target;
    Object.assign(element, { converted_type, logical_type, precision, scale });
  });
  await parquet.finish();
  return [writer.getBytes()];
}

/** Memory for the columns of a group of rows. */
const storeOf = (type: Target['type'], rows: number): Float64Array | Int32Array =>
  type === 'INT32' ? new Int32Array(rows) : new Float64Array(rows);

/** Puts a column down as it is stored; false where a value goes beyond 2^53 there. */
function stores({
  target: { type, role, factor },
  column,
  into,
}: {
  readonly target: Target;
  readonly column: ColumnArray;
  readonly into: Float64Array | Int32Array;
}): boolean {
  if (type !== 'INT64' || (factor === 1 && role !== 'time')) {
    into.set(column);
    return type !== 'INT64' || column.every(Number.isSafeInteger);
  }
  for (let i = 0; i < column.length; i += 1) {
    const value = (column[i] as number) * factor;
    const whole = role === 'time' ? Math.round(value) : value;
    if (!Number.isSafeInteger(whole)) return false;
    into[i] = whole;
  }
  return true;
}

/** Beyond that an integer is what BigInt makes of it. */
function convert({ role, factor }: Target, column: ColumnArray): BigInt64Array {
  return BigInt64Array.from(column as Float64Array, (each: number): bigint => {
    const value = role === 'time' ? Math.round(each * factor) : each * factor;
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
