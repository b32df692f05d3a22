import type { Decimal } from '../../src/domain/decimal.js';
import { FINEST_UNIT } from '../../src/domain/instrument.js';
import type { Rounding, Units } from '../../src/domain/units.js';

/** Money as accounts of an ordinary size count it. */
export const moneyOf = (value: Units): Decimal => FINEST_UNIT.of(value);
export const moneyText = (value: Units): string => FINEST_UNIT.text(value);
export const unitsOf = (amount: Decimal, rounding: Rounding): Units => FINEST_UNIT.units(amount, rounding);
