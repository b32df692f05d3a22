import type { DataKind } from '../columns.js';
import { SHAPES } from './kinds.js';
import type { ChunkedColumn } from './chunked-column.js';
import type { SeriesBuilder } from './series-builder.js';

/** So many times its neighbours' price, or that part of it, is what no market does between two rows. */
const TIMES = 10;
/** Books are left out: somebody always bids a hundredth of the price. */
const LOOKED_AT: readonly DataKind[] = ['bars', 'trades', 'quotes', 'mark', 'index'];

/** Rows of which a price stands alone, far from those before and after it, and the time of the first. */
export interface Outliers {
  readonly rows: number;
  readonly firstAt: number;
}

/** Rows that are looked at together. */
const WINDOW = 8_192;

/** Looks at each row beside its neighbours in the order of time. Memory does not grow with the rows. */
export function outliersIn(builder: SeriesBuilder, order: Uint32Array | undefined, length: number): Outliers {
  const { kind, columns } = builder;
  const looked = LOOKED_AT.includes(kind) ? columns.filter((_, index) => SHAPES[kind][index]?.role === 'price') : [];
  let rows = 0;
  let firstAt = NaN;
  if (looked.length === 0 || length < 3) return { rows, firstAt };
  // A neighbour on each side.
  const prices = looked.map(() => new Float64Array(WINDOW + 2));
  const opens = prices[0] as Float64Array;
  const closes = (kind === 'bars' ? prices.at(-1) : opens) as Float64Array;
  for (let from = 0; from < length; from += WINDOW) {
    const end = Math.min(length, from + WINDOW);
    const [begin, stop] = [Math.max(0, from - 1), Math.min(length, end + 1)];
    looked.forEach((column, index) =>
      column.gather(order, begin, (prices[index] as Float64Array).subarray(begin - from + 1, stop - from + 1)),
    );
    // The first and the last row have both their neighbours on one side.
    if (from === 0) closes[0] = (looked.at(kind === 'bars' ? -1 : 0) as ChunkedColumn).at(order?.[2] ?? 2);
    if (end === length) opens[end - from + 1] = (looked[0] as ChunkedColumn).at(order?.[length - 3] ?? length - 3);
    const last = end - from;
    const next = prices.map((each) => farFrom(each, closes, opens, 1, last));
    for (let i = Math.min(...next); i <= last; i = Math.min(...next)) {
      rows += 1;
      if (rows === 1) firstAt = timeOf(builder, order?.[from + i - 1] ?? from + i - 1);
      prices.forEach((each, index) => {
        if (next[index] === i) next[index] = farFrom(each, closes, opens, i + 1, last);
      });
    }
  }
  return { rows, firstAt };
}

/** The next row whose price is far from the prices before and after it; one behind the last where there is none. */
function farFrom(prices: Float64Array, closes: Float64Array, opens: Float64Array, from: number, last: number): number {
  for (let i = from; i <= last; i += 1) {
    const before = closes[i - 1] as number;
    const after = opens[i + 1] as number;
    const high = (before > after ? before : after) * TIMES;
    const low = (before < after ? before : after) / TIMES;
    const price = prices[i] as number;
    if (!(price < high && price > low)) return i;
  }
  return last + 1;
}

/** So many times the next largest of a file is what no print of a market is. */
const LONE_TIMES = 1_000;

/** A row with a volume or size, and its time. */
export interface Lone {
  readonly role: 'size' | 'volume';
  readonly at: number;
}

/** The row whose volume or size is that much more than every other of its column. */
export function loneIn({ kind, columns, length }: SeriesBuilder): Lone | undefined {
  if (kind !== 'bars' && kind !== 'trades' && kind !== 'quotes') return undefined;
  const values = new Float64Array(WINDOW);
  for (const [index, { role }] of SHAPES[kind].entries()) {
    if (role !== 'size' && role !== 'volume') continue;
    let [first, second, row] = [0, 0, -1];
    for (let from = 0; from < length; from += WINDOW) {
      const part = values.subarray(0, Math.min(WINDOW, length - from));
      (columns[index] as ChunkedColumn).copy(from, part);
      // Nearly every part has nothing above what was found before it: the loop for that is short.
      for (let i = above(part, second, 0); i < part.length; i = above(part, second, i + 1)) {
        const value = part[i] as number;
        if (value > first) [second, first, row] = [first, value, from + i];
        else second = value;
      }
    }
    if (length >= 3 && second > 0 && first > second * LONE_TIMES)
      return { role, at: (columns[0] as ChunkedColumn).at(row) };
  }
  return undefined;
}

/** The next value above a bound; the length where there is none. */
function above(values: Float64Array, bound: number, from: number): number {
  let i = from;
  while (i < values.length && !((values[i] as number) > bound)) i += 1;
  return i;
}

const timeOf = ({ columns }: SeriesBuilder, row: number): number => (columns[0] as ChunkedColumn).at(row);

/** Quotes whose bid is above their ask, and the time of the first. */
export function crossedIn(builder: SeriesBuilder): Outliers {
  const [times, bid, , ask] = builder.columns;
  let [rows, firstAt] = [0, NaN];
  if (builder.kind !== 'quotes' || times === undefined || bid === undefined || ask === undefined)
    return { rows, firstAt };
  for (let i = 0; i < builder.length; i += 1) {
    if (!(bid.at(i) > ask.at(i))) continue;
    rows += 1;
    if (rows === 1) firstAt = times.at(i);
  }
  return { rows, firstAt };
}
