import type { Decimal } from '../../../domain/decimal.js';
import type { MarginMode, OrderRequest, PositionMode, PositionSide } from '../../../domain/order.js';
import { token } from '../../../injection/token.js';
import type { CancelResult } from '../../../ports/venue/cancel-result.js';
import type { MarketEvent } from '../../../ports/venue/market-event.js';
import type { OrderAmendment } from '../../../ports/venue/order-amendment.js';
import type { OrderRef } from '../../../ports/venue/order-ref.js';
import type { AmendResult, SubmitResult } from '../../../ports/venue/submit-result.js';
import type { Json } from '../../../ports/storage/event-store.js';
import type { SimulatedExchange } from '../../../ports/core-services/simulated-exchange.js';
import type { SimulatedAccount } from '../core/simulated-account.js';
import type { Wire } from '../models/wire.js';
import type { Market } from '../core/market.js';
import type { AccountListener } from '../core/outbox.js';
import type { WorkingOrder } from '../core/working-order.js';

/** What one venue keeps for us. Its margin backs nothing elsewhere. */
export interface VenueAccount {
  /** Empty where the run has one account that needs no name. */
  readonly name: string;
  readonly account: SimulatedAccount;
  readonly markets: ReadonlyMap<string, Market>;
  /** Every order ever taken in, whatever became of it, by client id. */
  readonly orders: ReadonlyMap<string, WorkingOrder>;
}

/** Both sides of the exchange inside: what drivers tell it, and what the brokerage adapter asks of it. */
export interface SimulatedVenue extends SimulatedExchange {
  /**
   * Defines the configured instruments and takes up the stored state, or opens the account with its deposit.
   * Idempotent. True when there was a state to take up. Throws STORE-001 for one that is damaged.
   */
  open(): boolean;
  /** Time of the last event; NaN before the first. */
  readonly time: number;
  /** Set once a commit has failed or an operation was cut short: the exchange then refuses everything. */
  readonly failure: unknown;
  /** Requests of the account go this way. */
  readonly wire: Wire;
  /** The accounts of the run: one, or one for every venue that is named. */
  readonly accounts: readonly VenueAccount[];
  readonly markets: ReadonlyMap<string, Market>;
  submit(request: OrderRequest): SubmitResult;
  cancel(ref: OrderRef): CancelResult;
  /** Price and size in the exchange's own ticks and lots. */
  amend(change: OrderAmendment): AmendResult;
  /**
   * Cancels every open order (of one symbol) when it is not called again within `countdownMs` of venue time; undefined
   * or 0 stops it.
   */
  setDeadMan(countdownMs: number | undefined, symbol?: string): void;
  /** What `submit` would answer, and the order's margin and fee; changes nothing. */
  preview(request: OrderRequest): Readonly<Record<string, unknown>>;
  find(ref: OrderRef): WorkingOrder | undefined;
  /** Open orders, oldest first. */
  openOrders(symbol?: string): readonly WorkingOrder[];
  /** Throws VENUE-003 for an unknown symbol or a leverage beyond the instrument's. */
  setLeverage(symbol: string, leverage: number): void;
  /** Refused with VENUE-003 while a position or orders of the symbol are open. */
  setMarginMode(symbol: string, mode: MarginMode): void;
  /** Refused with VENUE-003 while anything is open. */
  setPositionMode(mode: PositionMode): void;
  /** Adds to (or, negative, takes from) the margin of an isolated position. */
  moveIsolatedMargin(symbol: string, amount: Decimal, side?: PositionSide): void;
  /** The venue closes the positions of a market, however well they are backed. */
  liquidate(symbol: string, at: number): void;
  /** Rate of the built-in funding schedule, an integer of RATE_SCALE. */
  setFundingRate(symbol: string, rate: number): void;
  /** Returns the unsubscriber. Events come in order, after they have been committed. */
  onAccount(listener: AccountListener): () => void;
  watch(kind: 'book' | 'depth' | 'trades', symbol: string, sink: (event: MarketEvent) => void): () => void;
  /** Several events as one: one commit at the end, and nothing is told before. */
  transact(work: () => void): void;
  /** Commits what the driver's market has become since the last commit. */
  flush(): void;
  /** Commits likewise and lets go of the store, whatever becomes of the commit. Safe before `open`, and twice. */
  close(): void;
  /**
   * A driver begins. `source` names the market it tells of, `save` its own state, which travels with the exchange's.
   * Returns what it had saved when the stored state was committed; undefined where that was of another market. The
   * account goes on then, and what was known of the other market is forgotten.
   */
  drive(source: string, save: () => Json): Json | undefined;
}
export const SimulatedVenue = token<SimulatedVenue>('SimulatedVenue');

/** The venue, open: whoever asks first opens it. */
export function opened(venue: SimulatedVenue): SimulatedVenue {
  venue.open();
  return venue;
}
