import type { MarginMode, OrderType, PositionMode, TimeInForce, TriggerPrice } from '../../domain/order.js';

/** What a venue's dead man's switch ends, and how it is wound up. */
export interface DeadManTerms {
  /** Whose orders one countdown ends. */
  readonly per: 'symbol' | 'account';
  /** Orders that wait for a trigger stay: stops, and entries that wait for theirs. Absent: all of them go. */
  readonly sparesTriggers?: boolean;
  /** The shortest and the longest countdown that it takes, in ms; absent: any. */
  readonly minMs?: number;
  readonly maxMs?: number;
}

/**
 * What a venue can do: the one place that says so. Whoever needs a thing asks here first; a member that the venue lacks
 * refuses with VENUE-003.
 */
export interface Capabilities {
  /** Name of the venue, as records and messages spell it. */
  readonly venue: string;
  /** The brand: `live` where real money trades, `simulated` where nothing leaves the process. */
  readonly environment: 'live' | 'testnet' | 'simulated';
  /** Order types that it takes. */
  readonly orderTypes: readonly OrderType[];
  /** How long an order may live. */
  readonly timeInForce: readonly TimeInForce[];
  /** What becomes of a post-only order that would take: refused, or accepted and cancelled; `none`: no such orders. */
  readonly postOnly: 'reject' | 'cancel_after_accept' | 'none';
  /** On any order, or only on one that closes the whole position. */
  readonly reduceOnly: 'native' | 'close_position_only' | 'none';
  /** Prices that a conditional order may watch. */
  readonly triggerPrices: readonly TriggerPrice[];
  /** Whether an amended order stays the same one, or is replaced and loses its place. */
  readonly amend: 'in_place' | 'cancel_replace' | 'none';
  /** Orders that wait for a trigger are amended as others are (`amend`); absent: they are not. */
  readonly amendTriggers?: boolean;
  /** What one request can withdraw. */
  readonly cancelAll: 'symbol' | 'account' | 'none';
  /** Absent: no batches. */
  readonly batch?: {
    /** Orders in one request, at most. */
    readonly place: number;
    /** Cancellations in one request, at most. */
    readonly cancel: number;
  };
  /** A countdown that withdraws orders unless it is wound up again; absent: none. */
  readonly deadMan?: DeadManTerms;
  /** An order may sleep until another fills (`options.after`). */
  readonly brackets?: boolean;
  /** Orders of one group end each other (`options.group`). */
  readonly groups?: boolean;
  /** A stop or take-profit may close whatever is open, without a size of its own (`options.closePosition`). */
  readonly closePosition?: boolean;
  /** How far ahead, in ms, the end of a GTD order must lie at least; absent: any later instant will do. */
  readonly goodTillMin?: number;
  /** Margin modes that an instrument can be switched to; absent: none can be switched. */
  readonly marginModes?: readonly MarginMode[];
  readonly clientOrderId: {
    /** Characters, at most. */
    readonly maxLength: number;
    /** Every id it takes fits this. */
    readonly pattern: RegExp;
    /**
     * False where the venue forgets its ids together with our records. Absent or true: it may know ids that a lost
     * journal gave, so a new journal must never give them again.
     */
    readonly remembered?: boolean;
  };
  /** The venue honours `expiresAt`: after it, "not found" twice proves that an order never arrived. */
  readonly requestExpiry: boolean;
  /** One position an instrument, or a long and a short one beside each other. */
  readonly positionMode: readonly PositionMode[];
  /** Its owner declared that positions are hedged: the bot then counts on it. Absent: one net position is meant. */
  readonly hedges?: boolean;
  /** Where leverage is set. */
  readonly leverage: 'per_symbol' | 'per_order' | 'account' | 'none';
  readonly streams: {
    /** Best prices or depth, as they change. */
    readonly book: boolean;
    /** Trades of the market. */
    readonly trades: boolean;
    /** Orders, fills and balances of the account. */
    readonly account: boolean;
  };
  /** An order can be tried without being placed. */
  readonly preview: boolean;
  /** Tells its clock; world time then follows it, and nothing within a minute is proven by an instant otherwise. */
  readonly serverTime: boolean;
  /** Depth, spread and volume of an instrument as one answer. */
  readonly marketSnapshots: boolean;
  /** Permissions, fees and limits of the account as one answer. */
  readonly accountSnapshots: boolean;
  /** Leverage, modes and permissions of the account can be read back. */
  readonly accountTerms?: boolean;
  /** Funding that was paid can be looked up. */
  readonly fundingPayments: boolean;
  /** Deposits and withdrawals can be looked up: all that ever were, or `recent`: those of some months. */
  readonly transfers: boolean | 'recent';
}
