import type { Decimal } from '../../domain/decimal.js';
import type { Instrument, InstrumentSpec } from '../../domain/instrument.js';
import type { Fill, FundingPayment, Side } from '../../domain/order.js';
import type { Lots, MarkUnits, Ticks } from '../../domain/units.js';
import { token } from '../../injection/token.js';

/** A bar in integers, reused between calls: copy what you keep. */
export interface BarView {
  readonly openAt: number;
  readonly closeAt: number;
  readonly open: Ticks;
  readonly high: Ticks;
  readonly low: Ticks;
  readonly close: Ticks;
  /** In lots; 0 is no trade, NaN is not known. */
  readonly volume: number;
}

/**
 * The market side of the exchange inside: whoever drives it (history, the generator) tells it what happened, in time
 * order; it matches, funds, and reports to the account through the Brokerage port. Deterministic: no clock of its own.
 */
export interface SimulatedExchange {
  define(instrument: Instrument): void;
  /** Time passes: funding stamps and expiries up to and including `at` happen. */
  advance(at: number): void;
  /** Best prices with sizes; orders match against them until the next quote. */
  quote(symbol: string, bid: Ticks, bidLots: Lots, ask: Ticks, askLots: Lots, at: number): void;
  /** A public trade: fills resting orders it trades through. `aggressor` where the data names it. */
  trade(symbol: string, price: Ticks, size: Lots, at: number, aggressor?: Side): void;
  /**
   * Trades from row `from` on, before row `to` and before the instant `until`, happen one after the other for as long
   * as they concern nobody: no order, stamp, listener or liquidation. Returns the first row that did not happen.
   * Absent: `trade` alone.
   */
  quietTrades?(symbol: string, trades: TradeRows, from: number, to: number, until: number): number;
  /** One level of the book now holds `size` lots, 0 none. Between `depthBegin` and `depthEnd` nothing matches. */
  depth(symbol: string, side: Side, price: Ticks, size: Lots): void;
  /**
   * A message of depth begins: a snapshot empties the book first. Before the first one no quote stands, whatever
   * changes are told.
   */
  depthBegin(symbol: string, snapshot: boolean): void;
  /** The message is whole: orders meet the book it leaves. */
  depthEnd(symbol: string, at: number): void;
  /** The bar's own path: open (where waiting market orders fill), then the adverse extreme first, then close. */
  bar(symbol: string, bar: BarView): void;
  /**
   * Mark and index where the data has them; otherwise mark follows the last price (bars, trades) or the mid (quotes).
   */
  mark(symbol: string, mark: MarkUnits, at: number): void;
  index(symbol: string, index: MarkUnits, at: number): void;
  /** The data tells of one of them no more: the mark follows the last price again, an index is not known. */
  lapse?(symbol: string, kind: 'mark' | 'index', at: number): void;
  /** Filters, fees or funding interval of an instrument change from now on; its grid stays. */
  redefine(symbol: string, changes: InstrumentChanges, at: number): void;
  /**
   * The market deleverages us as the other side of somebody's bankruptcy: up to `size` lots of the positions that a
   * fill of `side` reduces, at the bankruptcy price. Returns how many were taken.
   */
  deleverage(symbol: string, side: Side, size: Lots, price: Ticks, at: number): Lots;
  /** Known rates. Stamps of the schedule without a rate become gaps. */
  fundingSchedule(symbol: string, stamps: readonly FundingStamp[]): void;
  markOf(symbol: string): MarkUnits | undefined;
  /** Middle of the best prices; undefined while one of them is not known, and where they meet or cross. */
  midOf(symbol: string): MarkUnits | undefined;
  /** What travels between bot and exchange; absent where nothing takes time. */
  readonly wire?: InFlight;
  readonly fills: readonly Fill[];
  readonly fundings: readonly FundingPayment[];
  /** Checks the venue's own books; throws LEDGER-001. */
  assertConsistent(): void;
}

/** Public trades in columns: epoch ms (fractions order rows and are dropped), ticks, lots, aggressor. */
export interface TradeRows {
  readonly at: Float64Array;
  readonly price: Float64Array;
  readonly size: Float64Array;
  /** Above 0 a buyer, below 0 a seller, 0 not known; absent: none is. */
  readonly side?: ArrayLike<number>;
}

/** Requests, answers and reports that are on their way, in venue time: `advance` brings what is due. */
export interface InFlight {
  /** False where requests are answered in the instant in which they are sent. */
  readonly takesTime: boolean;
  /** When the next of them is due; infinite while nothing travels. */
  readonly nextAt: number;
  /** Requests that have not been answered. */
  readonly travelling: number;
  /**
   * The market has ended: what the exchange has said arrives, what has not reached it fails, and so does what is sent
   * later.
   */
  close(): void;
}
/** What a venue changes of an instrument that is traded. */
export type InstrumentChanges = Partial<
  Pick<
    InstrumentSpec,
    | 'minSize'
    | 'maxSize'
    | 'maxMarketSize'
    | 'minNotional'
    | 'maxLeverage'
    | 'makerFee'
    | 'takerFee'
    | 'maintenanceRate'
    | 'fundingIntervalHours'
    | 'tiers'
    | 'liquidationFee'
  >
> & { readonly tradable?: boolean };

export interface FundingStamp {
  readonly at: number;
  /** Undefined: scheduled, but no rate is known. */
  readonly rate: Decimal | undefined;
}
export const SimulatedExchange = token<SimulatedExchange>('SimulatedExchange');

/** Everything the exchange inside must remember across a process's death, as JSON the exchange alone understands. */
export interface ExchangeStore {
  /** True where nothing is ever kept: the exchange then encodes nothing. Absent: it keeps. */
  readonly discards?: boolean;
  load(): ExchangeState | undefined;
  /** One transaction: the state and the rows that are new or changed since the last commit. */
  commit(state: ExchangeState): void;
  close(): void;
}
export interface ExchangeState {
  /** Clock, generator, random positions, balances, positions, book. */
  readonly core: string;
  /** Closed candles by symbol, of the markets that have others than at the last commit: most commits have none. */
  readonly candles: ReadonlyMap<string, string>;
  /** Orders changed since the last commit, by venue id. */
  readonly orders: ReadonlyMap<string, string>;
  /** Fills and payments since the last commit, in order. */
  readonly events: readonly string[];
}
export const ExchangeStore = token<ExchangeStore>('ExchangeStore');

/**
 * Drives the exchange inside in the paper world: generated quotes, or a recorded market. A Lifecycle part of the world.
 */
export interface MarketDriver {
  readonly name: string;
  /** True while what it produces is made up: shown wherever it appears. */
  readonly synthetic: boolean;
  start(): Promise<void> | void;
  stop(): Promise<void> | void;
  /**
   * Resolves when a recorded market has ended, never for a generated one. Rejects when the exchange inside can keep its
   * state no longer.
   */
  readonly ended: Promise<void>;
}
export const MarketDriver = token<MarketDriver>('MarketDriver');
