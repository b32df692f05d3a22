import type { Json } from '../../../ports/storage/event-store.js';
import type { SimulatedAccount } from '../core/simulated-account.js';
import type { Market } from '../core/market.js';
import type { Ids, OrderDesk } from '../engine/order-desk.js';
import type { Outbox } from '../core/outbox.js';

/** What one commit has to hold. */
export interface ExchangeParts {
  /** Time of the last event; NaN before the first. */
  readonly time: number;
  readonly ids: Ids;
  readonly outbox: Outbox;
  readonly markets: ReadonlyMap<string, Market>;
  readonly venues: readonly VenueState[];
  /** The driver's own state, committed with everything else. */
  readonly driver: () => Json;
  /** The market that the driver tells of; undefined before one has begun. */
  readonly source: string | undefined;
  of(symbol: string): VenueState;
}

/** One venue's own part of it. */
export interface VenueState {
  readonly name: string;
  readonly markets: ReadonlyMap<string, Market>;
  readonly account: SimulatedAccount;
  readonly desk: OrderDesk;
}
