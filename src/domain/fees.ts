import { applyRate } from './instrument.js';
import { units, type Units } from './units.js';

/**
 * Fee of a fill, signed from the account's side: a cost is negative and rounds away from zero, a rebate (negative
 * rate) is positive and rounds down. `rate` is an integer of `RATE_SCALE`; `notional` is unsigned.
 */
export function feeOf(notional: Units, rate: number): Units {
  const amount = applyRate(notional, -rate, 'floor');
  return units(amount === 0 ? 0 : amount);
}
