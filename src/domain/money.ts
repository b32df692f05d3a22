import { Decimal } from './decimal.js';
import { DecimalText } from './decimal-text.js';
import { exact, mulDiv, units, type Rounding, type Units } from './units.js';

/** Digits after the point of the settlement unit: amounts are exact up to ±90 million. */
export const SETTLEMENT_DIGITS = 8;
export const UNITS_PER_SETTLE = 10 ** SETTLEMENT_DIGITS;
/** Fee and funding rates are held as integers of this scale. */
export const RATE_SCALE = 1e12;

/** Settlement units as an amount of money. */
export const moneyOf = (value: Units): Decimal => new Decimal(value).div(UNITS_PER_SETTLE);

const MONEY = new DecimalText(Decimal.pow(10, -SETTLEMENT_DIGITS));

/** As `moneyOf(value).toString()`. */
export const moneyText = (value: Units): string => MONEY.of(value);

/** An amount of money in settlement units, with the rounding named. */
export const unitsOf = (amount: Decimal, rounding: Rounding): Units =>
  units(exact(roundTo(amount.times(UNITS_PER_SETTLE), rounding), 'Amount'));

/** A rate (fee, funding, margin) as an integer of `RATE_SCALE`, to nearest. */
export const rateOf = (rate: Decimal): number => exact(roundTo(rate.times(RATE_SCALE), 'nearest'), 'Rate');

/** `notional * rate`, with the rounding named. */
export const applyRate = (notional: Units, rate: number, rounding: Rounding): Units =>
  units(mulDiv(notional, rate, RATE_SCALE, rounding));

/** The whole number next to `value` in the named direction. */
export function roundTo(value: Decimal, rounding: Rounding): number {
  switch (rounding) {
    case 'floor':
      return value.floor().toNumber();
    case 'ceil':
      return value.ceil().toNumber();
    case 'trunc':
      return value.trunc().toNumber();
    case 'away':
      return value.toDecimalPlaces(0, Decimal.ROUND_UP).toNumber();
    case 'nearest':
      return value.toDecimalPlaces(0, Decimal.ROUND_HALF_EVEN).toNumber();
  }
}
