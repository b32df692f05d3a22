import type { Decimal } from '../../../domain/decimal.js';
import type { TimeInForce } from '../../../domain/order.js';

export interface ExecutionSettings {
  readonly timeInForce: Exclude<TimeInForce, 'GTD'>;
  readonly previewOrders: boolean;
  /** A failed preview refuses the order instead of being ignored. */
  readonly previewFailClosed: boolean;
  readonly postOnly: boolean;
  /** How long after sending a venue may still accept a request. */
  readonly requestExpiryMs: number;
  readonly requestTimeoutMs: number;
  /** What is sent again in a minute at most, whatever it is and however it ended before. */
  readonly resendsPerMinute: number;
  /**
   * Orders resting at shutdown: `protect` cancels ours but for the stops of open positions, and places those that are
   * missing; `cancel` cancels all of ours; `keep` leaves all.
   */
  readonly onShutdown: 'protect' | 'cancel' | 'keep';
  /** So long a position may be without a live stop at the venue while its marks are stale, then it is closed. */
  readonly maxUncoveredMs: number;
  /** Entries may rest although nothing at the venue would cover what they fill while the bot is away. */
  readonly allowUncoveredEntries: boolean;
  /** After so long without a sign of life the venue's dead man's switch ends orders. */
  readonly deadManMs: number;
  readonly skipStartupReconcile: boolean;
  /** Extra expected slippage per symbol, as a factor of at least 1. */
  readonly slippageMultipliers: Readonly<Record<string, Decimal>>;
  /** Currencies that count as collateral. */
  readonly collateral: readonly string[];
  readonly sizingMode: 'conservative' | 'strict' | 'aggressive';
  readonly maxImpactBps: Decimal;
}
