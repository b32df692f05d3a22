import type { Decimal } from '../../domain/decimal.js';
import { token } from '../../injection/token.js';

export interface ConversionRequest {
  readonly from: string;
  readonly to: string;
  /** In `from` currency. */
  readonly amount: Decimal;
}

export interface ConversionQuote {
  readonly id: string;
  readonly details: Readonly<Record<string, unknown>>;
}

export interface FundsMove {
  readonly fromPortfolio: string;
  readonly toPortfolio: string;
  readonly asset: string;
  readonly amount: Decimal;
}

/** Money between currencies and portfolios. An optional role: a venue without it refuses each with VENUE-003. */
export interface Treasury {
  /** Asks for a conversion between two currencies; `id` commits it. */
  quoteConversion(request: ConversionRequest): Promise<ConversionQuote>;
  /** Not repeated after an unknown outcome: look the conversion up first. */
  commitConversion(id: string): Promise<Readonly<Record<string, unknown>>>;
  moveFunds(request: FundsMove): Promise<Readonly<Record<string, unknown>>>;
}
export const Treasury = token<Treasury>('Treasury');
