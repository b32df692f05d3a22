import type { Json } from '../../ports/event-store.js';
import type { ExchangeStore } from '../../ports/simulated-exchange.js';
import { SimulatedAccount } from './account.js';
import type { BarTerms } from './bar-matching.js';
import { CommitLog } from './commit-log.js';
import { Market } from './market.js';
import { OrderDesk } from './order-desk.js';
import type { VenueRules } from './order-validation.js';
import { Outbox } from './outbox.js';
import type { VenueState } from './venue-state.js';

/** Binance USD-M allows 200 open orders a symbol. */
export const MAX_OPEN_ORDERS = 200;

/** Terms of the account: filled in when it opens, and fixed from then on. */
export type VenueTerms = { -readonly [K in keyof (VenueRules & BarTerms)]: (VenueRules & BarTerms)[K] };

/** The parts that the market side and the order side of the exchange share. */
export class VenueParts implements VenueState {
  /** Time of the last event; NaN before the first. */
  time = Number.NaN;
  readonly markets = new Map<string, Market>();
  readonly account = new SimulatedAccount();
  readonly outbox = new Outbox();
  readonly desk = new OrderDesk(this.account, this.outbox);
  readonly terms: VenueTerms = { halfSpread: 0, volumeShare: undefined, maxOpenOrders: MAX_OPEN_ORDERS };
  readonly log: CommitLog;
  /** The driver's own state, committed with everything else. */
  driver: () => Json = () => null;

  constructor(store: ExchangeStore) {
    this.log = new CommitLog(store, this);
  }

  /** Pays every stamp up to and including `until`. Before its first price an instrument has no position to pay on. */
  fund(market: Market, until: number): void {
    if (!market.funding.begun) {
      this.account.depositedAt ??= until;
      market.funding.begin(until);
    }
    while (market.funding.nextAt <= until) {
      const stamp = market.funding.take();
      if (market.hasPrice) this.desk.payFunding(market, stamp);
    }
  }
}
