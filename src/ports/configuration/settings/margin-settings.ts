import type { Decimal } from '../../../domain/decimal.js';
import type { MarginMode, PositionMode } from '../../../domain/order.js';

/** How the account is margined. */
export interface MarginSettings {
  readonly mode: MarginMode;
  readonly positionMode: PositionMode;
  /** Leverage by symbol before anybody sets another; 1 where absent. */
  readonly leverage: Readonly<Record<string, Decimal>>;
  /**
   * CSV of maintenance brackets (`symbol,tier,min_notional,max_notional,maint_margin_rate,max_leverage,cum`); absent:
   * the instruments' own.
   */
  readonly tiers?: string;
  /** Off, positions are carried below maintenance margin: nothing a venue does. */
  readonly liquidation: boolean;
  /** Fee of a liquidation, on its notional, to the insurance fund; where the instrument names none. */
  readonly liquidationFee: Decimal;
  /** What the insurance fund holds at the start. */
  readonly insuranceFund: Decimal;
  /** Positions are deleveraged when the fund is empty. */
  readonly autoDeleveraging: boolean;
}
