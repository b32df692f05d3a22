import type { Decimal } from '../../domain/decimal.js';
import { units, type Units } from '../../domain/units.js';

/** Fractions of a limit are held as whole parts per million. */
export const PPM = 1_000_000;
export const PPM_PER_BPS = 100;

/** A fraction in parts per million, with the rounding named: a limit floors, a requirement ceils. */
export const ppmOf = (fraction: Decimal, rounding: 'floor' | 'ceil'): number =>
  fraction.times(PPM)[rounding]().toNumber();

/** `floor(amount × ppm / 1e6)`. Exact for safe integers, without a product that leaves the exact range. */
export function share(amount: Units, ppm: number): Units {
  const whole = Math.floor(amount / PPM);
  return units(whole * ppm + Math.floor(((amount - whole * PPM) * ppm) / PPM));
}

/** `ceil(amount × ppm / 1e6)`. */
export function shareUp(amount: Units, ppm: number): Units {
  const whole = Math.floor(amount / PPM);
  return units(whole * ppm + Math.ceil(((amount - whole * PPM) * ppm) / PPM));
}

/** `ceil(amount × 1e6 / ppm)`: what `amount` needs at a leverage of `ppm` parts per million. */
export function divideUp(amount: Units, ppm: number): Units {
  const whole = Math.floor(amount / ppm);
  return units(whole * PPM + Math.ceil(((amount - whole * ppm) * PPM) / ppm));
}

/** Parts per million as percent text. */
export const percent = (ppm: number): string => `${(ppm / 10_000).toFixed(2)}%`;

/** `part / whole` as percent text, for messages. */
export const percentOf = (part: number, whole: number): string => `${((part / whole) * 100).toFixed(2)}%`;
