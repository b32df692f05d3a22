import { Decimal } from '../../domain/decimal.js';

/** Decimals up to which the finest price of a file is taken for the venue's tick. */
const PLAUSIBLE_DECIMALS = 8;
const FINEST_DECIMALS = 12;
/** Beyond that, the tick that fits all but this share of the prices. */
const TOLERATED_SHARE = 0.01;
const FINEST_STEP_DECIMALS = 3;
/** Tick times step is at least 1e-7: exact in settlement units of 1e-8, with marks ten times finer than the tick. */
const PRODUCT_DECIMALS = 7;

/** Decimals of one scale, and how many values have exactly so many. */
export interface DecimalCounts {
  readonly decimals: number;
  readonly length: number;
  readonly withDecimals: readonly (number | undefined)[];
}

/**
 * The coarsest power of ten that all prices are multiples of. A file whose finest prices have more than eight decimals
 * is taken at its word only when more than one price in a hundred needs them: otherwise they are leavings of
 * arithmetic.
 */
export function inferTick(prices: DecimalCounts): Decimal {
  let decimals = prices.decimals;
  if (decimals > PLAUSIBLE_DECIMALS) {
    const tolerated = prices.length * TOLERATED_SHARE;
    for (let finer = 0; decimals > 0; decimals -= 1) {
      finer += prices.withDecimals[decimals] ?? 0;
      if (finer > tolerated) break;
    }
  }
  return Decimal.pow(10, -Math.min(decimals, FINEST_DECIMALS));
}

/**
 * The few prices, one in a hundred at most, that alone need the tick to be as fine as it is, and what the others are
 * multiples of. Undefined where there are none.
 */
export function oddPrices(prices: DecimalCounts): { readonly rows: number; readonly others: Decimal } | undefined {
  let rows = 0;
  for (let decimals = prices.decimals; decimals >= 0; decimals -= 1) {
    const finest = prices.withDecimals[decimals] ?? 0;
    if (rows + finest > prices.length * TOLERATED_SHARE)
      return rows === 0 ? undefined : { rows, others: Decimal.pow(10, -decimals) };
    rows += finest;
  }
  return undefined;
}

/** A size step that an instrument of this tick can be held with exactly: 0.001, or coarser for finer ticks. */
export function inferStep(tick: Decimal): Decimal {
  return Decimal.pow(10, Math.max(-FINEST_STEP_DECIMALS, tick.decimalPlaces() - PRODUCT_DECIMALS));
}
