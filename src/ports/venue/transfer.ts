import type { Decimal } from '../../domain/decimal.js';

/** Money put into the account or, negative, taken out of it. */
export interface Transfer {
  readonly id: string;
  readonly amount: Decimal;
  readonly asset: string;
  readonly at: number;
}
