import type { DataKind } from '../columns.js';
import { DAY_MS } from '../../domain/time-spans.js';

/**
 * What a column holds. `price` and `size` are whole multiples of the series' tick and step; `volume` is a double in
 * steps (NaN: not known); `rate` an integer of RATE_SCALE (NaN: not known); `side` 1, -1 or 0; `flags` bits.
 */
export type ColumnRole = 'time' | 'price' | 'size' | 'volume' | 'rate' | 'side' | 'flags';

export interface ColumnShape {
  readonly name: string;
  readonly role: ColumnRole;
}

export type ColumnArray = Float64Array | Int8Array | Uint8Array;

const shape = (...columns: readonly (readonly [string, ColumnRole])[]): readonly ColumnShape[] =>
  [['at', 'time'] as const, ...columns].map(([name, role]) => ({ name, role }));

/** Columns of each kind, the time first. */
export const SHAPES: Readonly<Record<DataKind, readonly ColumnShape[]>> = {
  bars: shape(['open', 'price'], ['high', 'price'], ['low', 'price'], ['close', 'price'], ['volume', 'volume']),
  trades: shape(['price', 'price'], ['size', 'size'], ['side', 'side']),
  quotes: shape(['bid', 'price'], ['bidLots', 'size'], ['ask', 'price'], ['askLots', 'size']),
  depth: shape(['side', 'side'], ['price', 'price'], ['size', 'size'], ['flags', 'flags']),
  mark: shape(['price', 'price']),
  index: shape(['price', 'price']),
  funding: shape(['rate', 'rate']),
};

/** Rows of one series, oldest first, column by column in the order of `SHAPES`. */
export interface Block {
  readonly kind: DataKind;
  readonly length: number;
  readonly columns: readonly ColumnArray[];
}

/** Times of rows, of however many: they need not lie in memory as they are. */
export interface Times {
  readonly length: number;
  at(row: number): number | undefined;
}

/** Rows that lie in memory at once where there are many: a group of rows in Parquet. */
export const PIECE_ROWS = 262_144;

/** Pieces of rows: from which to which, not included. */
export function* piecesOf(length: number): Generator<readonly [from: number, to: number]> {
  for (let from = 0; from < length; from += PIECE_ROWS) yield [from, Math.min(length, from + PIECE_ROWS)];
}

/** Rows of one series, oldest first, that need not lie in memory all at once. */
export interface Stretch {
  readonly kind: DataKind;
  readonly length: number;
  /** A column of at most `PIECE_ROWS` of the rows. It is there until the same column is asked for again. */
  readonly column: (index: number, from: number, to: number) => ColumnArray;
  readonly times: Times;
}

export const stretchOf = ({ kind, length, columns }: Block): Stretch => ({
  kind,
  length,
  times: columns[0] as Float64Array,
  column: (index, from, to) => (columns[index] as ColumnArray).subarray(from, to),
});

export const timesOf = (block: Block): Float64Array => block.columns[0] as Float64Array;

/** Bytes of one value. */
const widthOf = (role: ColumnRole): 1 | 8 => (role === 'side' || role === 'flags' ? 1 : 8);

/** An array of a column over memory that is there already. */
function viewOf(role: ColumnRole, buffer: ArrayBufferLike, offset: number, length: number): ColumnArray {
  if (role === 'side') return new Int8Array(buffer, offset, length);
  if (role === 'flags') return new Uint8Array(buffer, offset, length);
  return new Float64Array(buffer, offset, length);
}

/** An empty block of a length, all its columns in one piece of memory, shared between threads when asked. */
export function allocate(kind: DataKind, length: number, shared = false): Block {
  const shapes = SHAPES[kind];
  const bytes = shapes.reduce((sum, { role }) => sum + alignedBytes(length * widthOf(role)), 0);
  const buffer: ArrayBufferLike = shared ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes);
  let offset = 0;
  const columns = shapes.map(({ role }) => {
    const column = viewOf(role, buffer, offset, length);
    offset += alignedBytes(column.byteLength);
    return column;
  });
  return { kind, length, columns };
}

/** Doubles must lie on a multiple of eight. */
export const alignedBytes = (bytes: number): number => Math.ceil(bytes / 8) * 8;

/** Rows `from` (included) to `to` (not included), over the same memory. */
export const sliceOf = (block: Block, from: number, to: number): Block => ({
  kind: block.kind,
  length: to - from,
  columns: block.columns.map((column) => column.subarray(from, to)),
});

/** Rows of blocks behind each other, copied. */
export function concat(kind: DataKind, blocks: readonly Block[]): Block {
  const [only] = blocks;
  if (only !== undefined && blocks.length === 1) return only;
  const whole = allocate(
    kind,
    blocks.reduce((sum, { length }) => sum + length, 0),
  );
  let offset = 0;
  for (const block of blocks) {
    block.columns.forEach((column, index) => (whole.columns[index] as ColumnArray).set(column, offset));
    offset += block.length;
  }
  return whole;
}

/** First row whose time is not before `at`. */
export function lowerBound(times: Float64Array, at: number, from = 0): number {
  let low = from;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((times[middle] as number) < at) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The stretch of time that one file of a series covers. */
export interface Unit {
  /** `2024-08-08` or `2024-08`. */
  readonly key: string;
  readonly from: number;
  readonly to: number;
}

/** Kinds of which a month is a file of handy size; the others have a file a day. */
const MONTHLY: readonly DataKind[] = ['bars', 'mark', 'index', 'funding'];

/** The UTC day or month an instant belongs to. */
export function unitOf(kind: DataKind, at: number): Unit {
  const date = new Date(at);
  const text = date.toISOString();
  if (MONTHLY.includes(kind)) {
    const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
    return { key: text.slice(0, 7), from: Date.UTC(year, month), to: Date.UTC(year, month + 1) };
  }
  const from = Math.floor(at / DAY_MS) * DAY_MS;
  return { key: text.slice(0, 10), from, to: from + DAY_MS };
}

/** Cuts rows at the borders of days or months. */
export function unitsOf(block: Block): { readonly unit: Unit; readonly block: Block }[] {
  const times = timesOf(block);
  const parts: { readonly unit: Unit; readonly block: Block }[] = [];
  for (let from = 0; from < block.length;) {
    const unit = unitOf(block.kind, times[from] as number);
    const to = lowerBound(times, unit.to, from);
    parts.push({ unit, block: sliceOf(block, from, to) });
    from = to;
  }
  return parts;
}
