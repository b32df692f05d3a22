import { MINUTE_MS } from '../domain/time-spans.js';

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
