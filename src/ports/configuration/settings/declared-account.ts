import type { MarginMode, PositionMode } from '../../../domain/order.js';

/**
 * How the account trades, as its owner declares it. What the venue tells otherwise tightens the safety state. What is
 * not declared is left as it is.
 */
export interface DeclaredAccount {
  readonly positionMode?: PositionMode;
  /** Of every configured symbol, as `leverage`. */
  readonly marginMode?: MarginMode;
  readonly leverage?: number;
  /** Other assets than that of settlement are margin too. */
  readonly multiAsset?: boolean;
  /** The asset in which fees are taken. */
  readonly feesIn?: string;
  /** That its key may not withdraw has been seen to by its owner, where the venue does not tell. */
  readonly permissionsUnchecked?: boolean;
  /** A start changes what differs, where the venue lets it; otherwise it says what it would change. */
  readonly apply: boolean;
}
