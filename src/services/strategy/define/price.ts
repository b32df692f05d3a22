import type { Decimal } from '../../../domain/decimal.js';

/** A price as a strategy names it. */
export type Price = number | Decimal;
