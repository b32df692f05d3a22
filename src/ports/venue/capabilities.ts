import type { MarginMode, OrderType, PositionMode, TimeInForce, TriggerPrice } from '../../domain/order.js';

/**
 * What a venue can do: the one place that says so. Whoever needs a thing asks here first; a member that the venue lacks
 * refuses with VENUE-003. The gate runs before the wire and refuses likewise.
 */
export interface Capabilities {
  readonly venue: string;
  /** The engine refuses a brand that is not its world's: live needs `live`, paper and backtest `simulated`. */
  readonly environment: 'live' | 'testnet' | 'simulated';
  readonly orderTypes: readonly OrderType[];
  readonly timeInForce: readonly TimeInForce[];
  readonly postOnly: 'reject' | 'cancel_after_accept' | 'none';
  readonly reduceOnly: 'native' | 'close_position_only' | 'none';
  readonly triggerPrices: readonly TriggerPrice[];
  readonly amend: 'in_place' | 'cancel_replace' | 'none';
  readonly cancelAll: 'symbol' | 'account' | 'none';
  /** Most requests of one batch; absent: no batches. */
  readonly batch?: { readonly place: number; readonly cancel: number };
  readonly deadMan?: boolean;
  /** An order may sleep until another fills (`options.after`). */
  readonly brackets?: boolean;
  readonly marginModes?: readonly MarginMode[];
  readonly clientOrderId: {
    readonly maxLength: number;
    readonly pattern: RegExp;
    readonly unique: 'forever' | 'open_only' | 'none';
    /** Sending the same id again can never execute twice, closed orders included. */
    readonly idempotentResend: boolean;
  };
  /** The venue honours `expiresAt`: after it, "not found" twice proves that an order never arrived. */
  readonly requestExpiry: boolean;
  readonly positionMode: readonly PositionMode[];
  readonly leverage: 'per_symbol' | 'per_order' | 'account' | 'none';
  readonly streams: { readonly book: boolean; readonly trades: boolean; readonly account: boolean };
  readonly preview: boolean;
  readonly serverTime: boolean;
  /** Depth, spread and volume of an instrument as one answer. */
  readonly marketSnapshots: boolean;
  /** Account snapshots (permissions, fees, limits): the account telemetry task runs only with them. */
  readonly accountSnapshots: boolean;
  /** Funding that was paid can be looked up. */
  readonly fundingPayments: boolean;
  /** Deposits and withdrawals can be looked up. Without it, the balance found at the first start is the opening one. */
  readonly transfers: boolean;
}
