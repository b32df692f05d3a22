import { applyRate } from './instrument.js';
import { units, type Units } from './units.js';

/**
 * Funding payment of a position: `-(signed notional at mark) × rate`. Longs pay when the rate is positive.
 * Rounded down, against the account. `rate` is an integer of `RATE_SCALE`.
 * Source: Binance "Introduction to Binance Futures Funding Rates"; the same rule holds on every venue of spec/venues.
 */
export function fundingAmount(notionalAtMark: Units, rate: number): Units {
  const amount = applyRate(units(0 - notionalAtMark), rate, 'floor');
  return units(amount === 0 ? 0 : amount);
}
