import type { Decimal } from '../../domain/decimal.js';
import type { InstrumentSpec } from '../../domain/instrument.js';
import type {
  Balance,
  BookLevel,
  BookSnapshot,
  Candle,
  FundingRate,
  MarketSnapshot,
  Quote,
  VenuePosition,
} from '../../domain/market.js';
import type {
  Fill,
  FundingPayment,
  MarginMode,
  OrderRequest,
  OrderType,
  PositionMode,
  PositionSide,
  Side,
  TimeInForce,
  TriggerPrice,
} from '../../domain/order.js';
import type { StatusReport } from '../../domain/order-state.js';
import type { Lots, Ticks } from '../../domain/units.js';
import { token } from '../../injection/token.js';

/** What a venue can do. The gate runs before the wire and refuses with VENUE-003. */
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
  readonly positionMode: readonly ('one_way' | 'hedge')[];
  readonly leverage: 'per_symbol' | 'per_order' | 'account' | 'none';
  readonly fills: 'per_trade' | 'cumulative';
  readonly streams: { readonly book: boolean; readonly trades: boolean; readonly account: boolean };
  readonly preview: boolean;
  readonly serverTime: boolean;
  /** Account snapshots (permissions, fees, limits): the account telemetry task runs only with them. */
  readonly accountSnapshots: boolean;
}

/** Finds one order by any of its names. */
export interface OrderRef {
  readonly clientId: string;
  readonly symbol: string;
  readonly venueIds?: readonly string[];
}

export type RejectReason =
  | 'insufficient_margin'
  | 'post_only_would_take'
  | 'reduce_only'
  | 'duplicate_client_id'
  | 'price_filter'
  | 'lot_size'
  | 'min_notional'
  | 'max_orders'
  | 'leverage'
  | 'market_closed'
  | 'unknown_symbol'
  | 'unsupported'
  | 'expired'
  | 'not_fillable'
  | 'would_trigger'
  | 'no_liquidity'
  | 'other';

/** Only an explicit refusal of the venue is `rejected`; everything that leaves us not knowing is `unknown`. */
export type SubmitResult =
  | { readonly outcome: 'accepted'; readonly venueId: string; readonly at: number }
  | { readonly outcome: 'rejected'; readonly reason: RejectReason; readonly message: string; readonly at: number }
  | { readonly outcome: 'unknown'; readonly ref: OrderRef; readonly cause: string };

export type CancelResult =
  | { readonly outcome: 'cancelled'; readonly ref: OrderRef; readonly at: number }
  /** Nothing left to cancel: look the order up, it may have filled. */
  | { readonly outcome: 'not_open'; readonly ref: OrderRef }
  | { readonly outcome: 'unknown'; readonly ref: OrderRef; readonly cause: string };

/** What an open order is to become; what is absent stays. */
export interface OrderAmendment {
  readonly ref: OrderRef;
  readonly limit?: Ticks;
  readonly stop?: Ticks;
  /** The whole size, what has been filled included. */
  readonly lots?: Lots;
}

/** `absent` is the venue's own word that it knows no such order; failing to ask is a rejection of the promise, never `absent`. */
export type OrderLookup = { readonly found: true; readonly order: VenueOrder } | { readonly found: false };

/** An order as the venue tells it, ours or somebody else's. */
export interface VenueOrder {
  readonly venueId: string;
  /** Absent or foreign for orders that are not ours. */
  readonly clientId?: string;
  readonly symbol: string;
  readonly side: Side;
  readonly type: OrderType;
  readonly size: Decimal;
  readonly filled: Decimal;
  readonly price?: Decimal;
  readonly stopPrice?: Decimal;
  readonly reduceOnly: boolean;
  readonly report: StatusReport;
}

export interface BookEvent {
  readonly kind: 'book';
  readonly symbol: string;
  readonly bid?: BookLevel;
  readonly ask?: BookLevel;
  readonly last?: Decimal;
  readonly at: number;
}
export interface TradeEvent {
  readonly kind: 'trade';
  readonly symbol: string;
  readonly price: Decimal;
  readonly size: Decimal;
  /** Side of the aggressor. */
  readonly side?: Side;
  readonly at: number;
}
/** In-band news of the stream itself: after `gap` or `stale` the last values must not be trusted. */
export interface StreamNotice {
  readonly kind: 'gap' | 'stale' | 'reconnected' | 'closed';
  readonly symbol?: string;
  readonly message: string;
  readonly at: number;
}
export type MarketEvent = BookEvent | TradeEvent | StreamNotice;

export type AccountEvent =
  /** `filled`: lots of its fills so far, where the venue says so; its fills may still be on their way. */
  | {
      readonly kind: 'order';
      readonly clientId: string;
      readonly symbol: string;
      readonly report: StatusReport;
      readonly filled?: Lots;
    }
  | { readonly kind: 'fill'; readonly fill: Fill }
  | { readonly kind: 'funding'; readonly payment: FundingPayment }
  | {
      readonly kind: 'transfer';
      readonly id: string;
      readonly amount: Decimal;
      readonly asset: string;
      readonly at: number;
    }
  | { readonly kind: 'foreign_order'; readonly order: VenueOrder }
  | StreamNotice;

/** An open stream. `closed` resolves when it has ended, for whatever reason; an ended stream calls its sink no more. */
export interface Subscription {
  readonly closed: Promise<void>;
  close(): void;
}

export interface Page<T> {
  readonly items: readonly T[];
  readonly next?: string;
}

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

/**
 * Quotes, orders and account state of one venue account. Every method rejects with a PerpsBotError (VENUE-*) when it
 * cannot tell; none returns "nothing" for "not known". Every promise settles: an adapter bounds its own requests in time
 * (`execution.requestTimeout`), because a cycle waits for its quotes. Sizes are in base units.
 */
export interface Brokerage {
  readonly capabilities: Capabilities;
  connect(signal?: AbortSignal): Promise<void>;
  disconnect(): Promise<void>;
  /** Stable name of the account, for the journal's fingerprint. */
  getAccountId(): Promise<string>;
  listBalances(): Promise<readonly Balance[]>;
  listPositions(): Promise<readonly VenuePosition[]>;
  listProducts(): Promise<readonly InstrumentSpec[]>;
  getQuote(symbol: string): Promise<Quote>;
  getOrderBook(symbol: string, depth: number): Promise<BookSnapshot>;
  /** Closed candles only, oldest first. */
  getCandles(symbol: string, intervalMs: number, limit: number): Promise<readonly Candle[]>;
  getMarketSnapshot?(symbol: string): Promise<MarketSnapshot>;
  getFundingRate?(symbol: string): Promise<FundingRate>;
  /** Never throws for a wire failure: that is the outcome `unknown`. */
  placeOrder(request: OrderRequest): Promise<SubmitResult>;
  previewOrder?(request: OrderRequest): Promise<Readonly<Record<string, unknown>>>;
  cancelOrder(ref: OrderRef): Promise<CancelResult>;
  cancelAll?(symbol?: string): Promise<readonly CancelResult[]>;
  /** Several at once, each with its own outcome, in the order given. At most `capabilities.batch` of them. */
  placeOrders?(requests: readonly OrderRequest[]): Promise<readonly SubmitResult[]>;
  cancelOrders?(refs: readonly OrderRef[]): Promise<readonly CancelResult[]>;
  /** Changes price or size of a resting order. The order keeps its identity; its place in the queue by the venue's rule. */
  amendOrder?(change: OrderAmendment): Promise<SubmitResult>;
  /** Cancels every open order (of one symbol) unless called again within `countdownMs`; undefined switches it off. */
  setDeadMan?(countdownMs: number | undefined, symbol?: string): Promise<void>;
  setMarginMode?(symbol: string, mode: MarginMode): Promise<void>;
  setPositionMode?(mode: PositionMode): Promise<void>;
  /** Adds to (or, negative, takes from) the margin of an isolated position. */
  moveIsolatedMargin?(symbol: string, amount: Decimal, side?: PositionSide): Promise<void>;
  getOrder(ref: OrderRef): Promise<OrderLookup>;
  listOpenOrders(symbol?: string): Promise<readonly VenueOrder[]>;
  /** Fills at or after `since`, oldest first. */
  listFills(since: number, cursor?: string): Promise<Page<Fill>>;
  listFundingPayments?(since: number): Promise<readonly FundingPayment[]>;
  listTransfers?(
    since: number,
  ): Promise<readonly { readonly id: string; readonly amount: Decimal; readonly asset: string; readonly at: number }[]>;
  getServerTime?(): Promise<number>;
  getAccountSnapshot?(): Promise<Readonly<Record<string, unknown>>>;
  setLeverage?(symbol: string, leverage: number): Promise<void>;
  /** Asks for a conversion between two currencies; `id` commits it. */
  quoteConversion?(request: ConversionRequest): Promise<ConversionQuote>;
  /** Not repeated after an unknown outcome: look the conversion up first. */
  commitConversion?(id: string): Promise<Readonly<Record<string, unknown>>>;
  moveFunds?(request: FundsMove): Promise<Readonly<Record<string, unknown>>>;
  /** Opens depth; rejects when the venue cannot, which is where the fallback to trades hangs. */
  openBook(
    symbols: readonly string[],
    level: 1 | 2,
    sink: (event: MarketEvent) => void,
    signal: AbortSignal,
  ): Promise<Subscription>;
  openTrades(
    symbols: readonly string[],
    sink: (event: MarketEvent) => void,
    signal: AbortSignal,
  ): Promise<Subscription>;
  openAccount(sink: (event: AccountEvent) => void, signal: AbortSignal): Promise<Subscription>;
}
export const Brokerage = token<Brokerage>('Brokerage');
