import { Decimal as Base } from 'decimal.js';
import { fault } from './errors.js';

/** Arbitrary-precision decimal: 40 significant digits, never printed with an exponent. */
export const Decimal = Base.clone({
  defaults: true,
  precision: 40,
  rounding: Base.ROUND_HALF_EVEN,
  toExpNeg: -9e15,
  toExpPos: 9e15,
});
export type Decimal = Base;

/**
 * Where JavaScript wants a number of a decimal it gets one, and not its text: `1 + stop` is 1.01 and no "10.01", and
 * two decimals are compared by value. On a prototype of our own: the library's is shared with whoever else uses it.
 */
Object.defineProperty(Decimal, 'prototype', {
  value: Object.create(Base.prototype as object, {
    [Symbol.toPrimitive]: {
      value(this: Base, hint: string): number | string {
        const text = this.toString();
        return hint === 'string' ? text : Number(text);
      },
    },
  }) as Base,
});

export const ZERO: Decimal = new Decimal(0);
export const ONE: Decimal = new Decimal(1);

const DECIMAL_TEXT = /^[+-]?\d{1,40}(\.\d{1,40})?([eE][+-]?\d{1,3})?$/;

/**
 * Parses decimal text strictly: no blank, no NaN, no Infinity, no hex, no trailing characters.
 * Throws `DATA-001` naming `what`.
 */
export function parseDecimal(text: string, what: string): Decimal {
  if (!DECIMAL_TEXT.test(text)) {
    throw fault('DATA-001', `${what} must be a decimal number, was ${JSON.stringify(text)}.`);
  }
  return new Decimal(text);
}

const PLAIN_TEXT = /^-?\d+(\.\d+)?$/;

/**
 * Reads what `toString` wrote, whatever its length: a quotient has forty digits behind its zeros, and what a journal
 * has taken it must give back. Throws `DATA-001` naming `what`.
 */
export const writtenDecimal = (text: string, what: string): Decimal =>
  PLAIN_TEXT.test(text) ? new Decimal(text) : parseDecimal(text, what);

/** True for a finite number above zero; false for whatever is absent, zero, negative, infinite or not a number. */
export const isPositive = (value: Decimal | null | undefined): value is Decimal =>
  value !== undefined && value !== null && value.isFinite() && value.gt(0);

/** The largest amount of which both are whole multiples. Both must be positive and finite. */
export function commonMeasure(a: Decimal, b: Decimal): Decimal {
  const [x, y, scale] = asWholes(a, b);
  return new Decimal(greatestDivisor(x, y).toString()).div(scale);
}

/** The smallest amount that is a whole multiple of both. Both must be positive and finite. */
export function commonMultiple(a: Decimal, b: Decimal): Decimal {
  const [x, y, scale] = asWholes(a, b);
  return new Decimal(((x / greatestDivisor(x, y)) * y).toString()).div(scale);
}

/** Both in whole multiples of one power of ten. */
function asWholes(a: Decimal, b: Decimal): readonly [bigint, bigint, Decimal] {
  const scale = Decimal.pow(10, Math.max(a.decimalPlaces(), b.decimalPlaces()));
  return [BigInt(a.times(scale).toFixed(0)), BigInt(b.times(scale).toFixed(0)), scale];
}

function greatestDivisor(a: bigint, b: bigint): bigint {
  let [large, small] = [a, b];
  while (small !== 0n) [large, small] = [small, large % small];
  return large;
}
