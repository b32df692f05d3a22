import type { DataKind } from '../columns.js';
import { SHAPES } from './kinds.js';
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

/** Looks at each row beside its neighbours in the order of time. Memory does not grow with the rows. */
export function outliersIn(builder: SeriesBuilder, order: Uint32Array | undefined, length: number): Outliers {
  const { kind, columns } = builder;
  const prices = LOOKED_AT.includes(kind) ? columns.filter((_, index) => SHAPES[kind][index]?.role === 'price') : [];
  const [first, last] = [prices[0], kind === 'bars' ? prices.at(-1) : prices[0]];
  let [rows, firstAt] = [0, NaN];
  if (first === undefined || last === undefined || length < 3) return { rows, firstAt };
  const at = (i: number): number => order?.[i] ?? i;
  for (let i = 0; i < length; i += 1) {
    const row = at(i);
    // The first and the last row have both their neighbours on one side.
    const before = i === 0 ? last.at(at(2)) : last.at(at(i - 1));
    const after = i + 1 === length ? first.at(at(i - 2)) : first.at(at(i + 1));
    const high = Math.max(before, after) * TIMES;
    const low = Math.min(before, after) / TIMES;
    for (const column of prices) {
      const price = column.at(row);
      if (price < high && price > low) continue;
      rows += 1;
      if (rows === 1) firstAt = (columns[0] as (typeof prices)[number]).at(row);
      break;
    }
  }
  return { rows, firstAt };
}

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
