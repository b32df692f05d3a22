import type { MarginMode, OrderType, PositionMode, TimeInForce, TriggerPrice } from '../../domain/order.js';

/**
 * What a venue can do: the one place that says so. Whoever needs a thing asks here first; a member that the venue lacks
 * refuses with VENUE-003.
 */
export interface Capabilities {
  readonly venue: string;
  /** The brand: `live` where real money trades, `simulated` where nothing leaves the process. */
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
    /**
     * False where the venue forgets its ids together with our records. Absent or true: it may know ids that a lost
     * journal gave, so a new journal must never give them again.
     */
    readonly remembered?: boolean;
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
  /** Permissions, fees and limits of the account as one answer. */
  readonly accountSnapshots: boolean;
  /** Funding that was paid can be looked up. */
  readonly fundingPayments: boolean;
  /** Deposits and withdrawals can be looked up. */
  readonly transfers: boolean;
}
