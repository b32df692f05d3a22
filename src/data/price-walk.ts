import { MINUTE_MS } from '../domain/time-spans.js';
import { marks, type MarkUnits } from '../domain/units.js';
import { instantOf, type PriceColumns } from './columns.js';

/** Rows whose distances say how often a series speaks. */
const LOOKED_AT = 2_000;
const DISTANCES = 3;

/**
 * How long a price of a series holds while it says nothing, in milliseconds: three of its usual distances, a minute at
 * least. Rows at one instant are one. A minute too for a series of one row: how often it speaks nobody knows.
 */
export function patienceOf({ at, length }: { readonly at: Float64Array; readonly length: number }): number {
  const distances: number[] = [];
  for (let row = 1; row < Math.min(length, LOOKED_AT); row += 1) {
    const distance = (at[row] as number) - (at[row - 1] as number);
    if (distance > 0) distances.push(distance);
  }
  distances.sort((a, b) => a - b);
  return Math.max(MINUTE_MS, Math.ceil(DISTANCES * (distances[distances.length >> 1] ?? 0)));
}

/**
 * A recorded mark or index from one event to the next: what was told and, where the data is silent for longer than
 * `patienceOf` it, that nobody knows the price any more. One walk for every world, so that they say the same.
 */
export class PriceWalk {
  /** When the next event happens, in whole milliseconds; infinite at the end. */
  at: number;
  /** What it tells, in mark units; NaN where the price lapses. */
  price: MarkUnits;
  private row = 0;
  private readonly patience: number;

  constructor(
    private readonly columns: PriceColumns,
    /** End of what moves the market: later on nothing lapses. */
    private readonly until: number,
  ) {
    this.patience = patienceOf(columns);
    this.at = instantOf(columns, 0);
    this.price = marks(columns.price[0] ?? Number.NaN);
  }

  /** The event has been told; the next one is shown. */
  next(): void {
    const { columns } = this;
    const isTold = !Number.isNaN(this.price);
    if (isTold) this.row += 1;
    const next = instantOf(columns, this.row);
    const lapsesAt = this.at + this.patience;
    const isLapsing = isTold && lapsesAt < next && lapsesAt < this.until;
    this.at = isLapsing ? lapsesAt : next;
    this.price = marks(isLapsing ? Number.NaN : (columns.price[this.row] ?? Number.NaN));
  }
}
