import type { Json } from '../../ports/event-store.js';
import type { SimulatedAccount } from './account.js';
import type { Market } from './market.js';
import type { OrderDesk } from './order-desk.js';
import type { Outbox } from './outbox.js';

/** What one commit has to hold. */
export interface VenueState {
  /** Time of the last event; NaN before the first. */
  readonly time: number;
  readonly markets: Map<string, Market>;
  readonly account: SimulatedAccount;
  readonly outbox: Outbox;
  readonly desk: OrderDesk;
  /** The driver's own state, committed with everything else. */
  readonly driver: () => Json;
}
