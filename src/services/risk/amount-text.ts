import type { MoneyUnit } from '../../domain/instrument.js';
import type { Units } from '../../domain/units.js';

/** An amount for a message; a value that is no exact amount says so instead of failing. */
export const amount = (unit: MoneyUnit, value: Units): string =>
  Number.isFinite(value) ? unit.of(value).toString() : String(value);
