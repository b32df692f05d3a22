import { fault } from './errors.js';

declare const unit: unique symbol;
type Branded<Name extends string> = number & { readonly [unit]: Name };

/** An order price, in whole multiples of the instrument's tick. */
export type Ticks = Branded<'ticks'>;
/** A size, in whole multiples of the instrument's step; signed where it is a position. */
export type Lots = Branded<'lots'>;
/** Money, in whole multiples of the settlement unit; signed from the account's side (paid is negative). */
export type Units = Branded<'units'>;
/** A mark, index or mid price, on a scale finer than the tick (`Instrument.marksPerTick` to the tick). */
export type MarkUnits = Branded<'marks'>;

export const ticks = (value: number): Ticks => value as Ticks;
export const lots = (value: number): Lots => value as Lots;
export const units = (value: number): Units => value as Units;
export const marks = (value: number): MarkUnits => value as MarkUnits;

/** Refuses an integer that doubles no longer hold exactly. */
export function exact(value: number, what: string): number {
  if (!Number.isSafeInteger(value)) {
    throw fault('NUM-001', `${what} must be a whole number within ±2^53, was ${value}.`);
  }
  return value;
}

/** Direction of rounding: down, up, towards zero, away from zero, to nearest (halves to even). */
export type Rounding = 'floor' | 'ceil' | 'trunc' | 'away' | 'nearest';

/** `a * b / c`, exact before the one named rounding, whatever the size of the product. */
export function mulDiv(a: number, b: number, c: number, rounding: Rounding): number {
  const product = a * b;
  if (Number.isSafeInteger(product)) {
    const remainder = product % c;
    if (remainder === 0) return product / c;
    return roundQuotient((product - remainder) / c, remainder, c, rounding);
  }
  const size = Math.abs(c);
  const isNarrow = size <= LARGEST_DIVISOR && Math.abs(product) / size < LARGEST_ESTIMATE;
  if (isNarrow && Number.isSafeInteger(a) && Number.isSafeInteger(b)) return roundWide(a, b, c, rounding);
  return divideWide(BigInt(a) * BigInt(b), c, rounding);
}

/** A dividend of any size over a whole number, with one rounding. Slow: for what leaves the range of doubles. */
export function divideWide(dividend: bigint, c: number, rounding: Rounding): number {
  const divisor = BigInt(c);
  const remainder = dividend % divisor;
  return roundQuotient(exact(Number((dividend - remainder) / divisor), 'Quotient'), Number(remainder), c, rounding);
}

/** Divisors up to this leave a remainder that two doubles hold exactly. */
const LARGEST_DIVISOR = 2 ** 50;
/** Quotients up to this are estimated by doubles to within a few, and stay exact when corrected. */
const LARGEST_ESTIMATE = 2 ** 53 - 16;
/** Splits a double into halves whose products are exact (Veltkamp). */
const SPLITTER = 2 ** 27 + 1;

/** What rounding took from `a * b`, exactly (Dekker 1971): the product is `product + errorOf(a, b, product)`. */
function errorOf(a: number, b: number, product: number): number {
  const wideA = SPLITTER * a;
  const highA = wideA - (wideA - a);
  const lowA = a - highA;
  const wideB = SPLITTER * b;
  const highB = wideB - (wideB - b);
  const lowB = b - highB;
  return lowA * lowB - (product - highA * highB - lowA * highB - highA * lowB);
}

/**
 * A product of more than 53 bits over a divisor of at most 50. The quotient of doubles is next to the true one; what it
 * leaves over is a small difference of two products, whose leading parts cancel and whose errors are known exactly.
 */
function roundWide(a: number, b: number, c: number, rounding: Rounding): number {
  const m = Math.abs(a);
  const n = Math.abs(b);
  const divisor = Math.abs(c);
  const product = m * n;
  let whole = Math.floor(product / divisor);
  const back = whole * divisor;
  let remainder = product - back + (errorOf(m, n, product) - errorOf(whole, divisor, back));
  for (; remainder < 0; remainder += divisor) whole -= 1;
  for (; remainder >= divisor; remainder -= divisor) whole += 1;
  const sign = a < 0 !== b < 0 ? -1 : 1;
  return roundQuotient(c < 0 ? -sign * whole : sign * whole, sign * remainder, c, rounding);
}

/** `whole` is the quotient cut towards zero; `remainder` has the sign of the dividend. */
function roundQuotient(whole: number, remainder: number, divisor: number, rounding: Rounding): number {
  if (remainder === 0) return whole;
  const negative = remainder < 0 !== divisor < 0;
  const away = negative ? whole - 1 : whole + 1;
  switch (rounding) {
    case 'trunc':
      return whole;
    case 'away':
      return away;
    case 'floor':
      return negative ? away : whole;
    case 'ceil':
      return negative ? whole : away;
    case 'nearest': {
      const twice = Math.abs(remainder) * 2;
      const size = Math.abs(divisor);
      if (twice === size) return whole % 2 === 0 ? whole : away;
      return twice > size ? away : whole;
    }
  }
}
