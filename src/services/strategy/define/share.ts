import { Decimal } from '../../../domain/decimal.js';

/** A share: an exact fraction, or text such as `0.5%`. */
export type Share = Decimal | `${number}%`;

const PERCENT = /^\d+(\.\d+)?%$/;

/** Undefined for what is no share: plain JavaScript may hand over anything. */
export function shareOf(share: unknown): Decimal | undefined {
  if (typeof share === 'string') return PERCENT.test(share) ? new Decimal(share.slice(0, -1)).div(100) : undefined;
  return Decimal.isDecimal(share) && share.isFinite() && share.gte(0) ? share : undefined;
}
