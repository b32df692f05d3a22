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

/** True for a finite number above zero; false for whatever is absent, zero, negative, infinite or not a number. */
export const isPositive = (value: Decimal | null | undefined): value is Decimal =>
  value !== undefined && value !== null && value.isFinite() && value.gt(0);
