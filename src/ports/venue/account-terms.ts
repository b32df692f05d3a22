import type { Decimal } from '../../domain/decimal.js';
import type { MarginMode, PositionMode } from '../../domain/order.js';

/**
 * How the account trades, in the venue's own word. What it does not say is absent, and never a default. A change tells
 * what has changed alone.
 */
export interface AccountTerms {
  readonly positionMode?: PositionMode;
  /** Of every symbol that `symbols` says nothing else of. */
  readonly marginMode?: MarginMode;
  readonly symbols?: readonly SymbolTerms[];
  /** Other assets than that of settlement are margin too. */
  readonly multiAsset?: boolean;
  /** The asset in which fees are taken. */
  readonly feesIn?: string;
  readonly permissions?: AccountPermissions;
}

export interface SymbolTerms {
  readonly symbol: string;
  /** The leverage that new positions are opened with. */
  readonly leverage?: Decimal;
  readonly marginMode?: MarginMode;
}

/** What the key in use may do. */
export interface AccountPermissions {
  readonly trade: boolean;
  readonly withdraw?: boolean;
}
