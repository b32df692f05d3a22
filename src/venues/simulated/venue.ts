import type { OrderRequest } from '../../domain/order.js';
import { token } from '../../injection/token.js';
import type { CancelResult, MarketEvent, OrderRef, SubmitResult } from '../../ports/brokerage.js';
import type { Json } from '../../ports/event-store.js';
import type { SimulatedExchange } from '../../ports/simulated-exchange.js';
import type { SimulatedAccount } from './account.js';
import type { Market } from './market.js';
import type { AccountListener } from './outbox.js';
import type { WorkingOrder } from './working-order.js';

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
  readonly account: SimulatedAccount;
  readonly markets: ReadonlyMap<string, Market>;
  submit(request: OrderRequest): SubmitResult;
  cancel(ref: OrderRef): CancelResult;
  /** What `submit` would answer, and the order's margin and fee; changes nothing. */
  preview(request: OrderRequest): Readonly<Record<string, unknown>>;
  find(ref: OrderRef): WorkingOrder | undefined;
  /** Open orders, oldest first. */
  openOrders(symbol?: string): readonly WorkingOrder[];
  /** Throws VENUE-003 for an unknown symbol or a leverage beyond the instrument's. */
  setLeverage(symbol: string, leverage: number): void;
  /** Rate of the built-in funding schedule, an integer of RATE_SCALE. */
  setFundingRate(symbol: string, rate: number): void;
  /** Returns the unsubscriber. Events come in order, after they have been committed. */
  onAccount(listener: AccountListener): () => void;
  watch(kind: 'book' | 'trades', symbol: string, sink: (event: MarketEvent) => void): () => void;
  /** Several events as one: one commit at the end, and nothing is told before. */
  transact(work: () => void): void;
  /** Commits what the driver's market has become since the last commit. */
  flush(): void;
  /** Commits likewise and lets go of the store, whatever becomes of the commit. Safe before `open`, and twice. */
  close(): void;
  /** Lets the driver's own state travel with the exchange's: called at every commit. */
  keepDriverState(save: () => Json): void;
  /** What the driver had saved when the stored state was committed. */
  readonly driverState: Json | undefined;
}
export const SimulatedVenue = token<SimulatedVenue>('SimulatedVenue');
