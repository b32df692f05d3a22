import type { Decimal } from '../../domain/decimal.js';
import type { MarginMode, PositionMode, PositionSide } from '../../domain/order.js';
import { token } from '../../injection/token.js';

/** How the account trades. An optional role: a venue without it refuses each with VENUE-003. */
export interface AccountSettings {
  /** Where `capabilities.leverage`. */
  setLeverage(symbol: string, leverage: number): Promise<void>;
  /** One of `capabilities.marginModes`. */
  setMarginMode(symbol: string, mode: MarginMode): Promise<void>;
  /** One of `capabilities.positionMode`. */
  setPositionMode(mode: PositionMode): Promise<void>;
  /** Adds to (or, negative, takes from) the margin of an isolated position. */
  moveIsolatedMargin(symbol: string, amount: Decimal, side?: PositionSide): Promise<void>;
}
export const AccountSettings = token<AccountSettings>('AccountSettings');
