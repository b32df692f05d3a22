import type { SimulatedAccount } from '../core/simulated-account.js';
import type { Market } from '../core/market.js';
import type { Outbox } from '../core/outbox.js';
import type { Liquidator } from './liquidator.js';
import type { OrderDesk } from './order-desk.js';
import type { VenueRules } from './order-validation.js';

/** What entering and amending an order take from the venue it happens at. */
export interface OrderContext {
  /** Time of the last event; 0 before the first, when no order is taken. */
  readonly now: number;
  /** When what is asked now is asked: what ends by time has ended by then. No sooner than `now`. */
  readonly asked: number;
  readonly markets: ReadonlyMap<string, Market>;
  readonly account: SimulatedAccount;
  readonly desk: OrderDesk;
  readonly outbox: Outbox;
  readonly liquidator: Liquidator;
  readonly terms: VenueRules;
  /** Everything that falls due in a market by time alone, up to and including `until`. */
  fallDue(market: Market, until: number): void;
}
