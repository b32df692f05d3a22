import { SimulatedAccount } from '../core/simulated-account.js';
import { TermsDesk } from './terms-desk.js';
import type { BarTerms } from '../engine/bar-matching.js';
import { ExecutionGuard } from '../engine/execution-guard.js';
import { FilterChanges } from '../core/filter-changes.js';
import { Liquidator } from '../engine/liquidator.js';
import type { Market } from '../core/market.js';
import type { OrderContext } from '../engine/order-context.js';
import { OrderDesk, type Ids } from '../engine/order-desk.js';
import type { VenueRules } from '../engine/order-validation.js';
import type { Outbox } from '../core/outbox.js';
import type { TradeTerms } from '../engine/quote-matching.js';
import type { QueueTerms } from '../core/queue-model.js';
import { endByTime } from '../engine/timed-ends.js';
import type { VenueState } from '../persistence/venue-state.js';

type AllTerms = VenueRules & BarTerms & QueueTerms & TradeTerms;

/** Terms of the account: filled in when it opens, and fixed from then on. */
export type VenueTerms = {
  -readonly [K in keyof AllTerms]: AllTerms[K];
};

/** What the venues of one run have in common. */
export interface RunParts {
  readonly time: number;
  /** When what is asked now is asked; NaN before the first event. */
  readonly asked: number;
  readonly ids: Ids;
  readonly outbox: Outbox;
}

/** One venue: an account with its markets, and the parts that its market side and its order side share. */
export class VenueParts implements VenueState, OrderContext {
  readonly markets = new Map<string, Market>();
  readonly account = new SimulatedAccount();
  readonly guard = new ExecutionGuard(this.account, this.markets);
  readonly desk: OrderDesk;
  readonly outbox: Outbox;
  readonly terms: VenueTerms = {
    halfSpread: 0,
    volumeShare: undefined,
    maxOpenOrders: 0,
    maxConditionalOrders: 0,
    priceBand: undefined,
    barPath: 'pessimistic',
    fillsOnTouch: false,
    queue: 'risk_averse',
    queueExponent: 1,
    tradeLiquidity: 'each_print',
  };
  readonly accountTerms = new TermsDesk(this.account, this.markets);
  readonly liquidator: Liquidator;
  readonly changes = new FilterChanges();

  constructor(
    private readonly run: RunParts,
    readonly name: string,
  ) {
    const { outbox, ids } = run;
    this.outbox = outbox;
    this.desk = new OrderDesk(this.account, outbox, ids, this.guard);
    this.liquidator = new Liquidator(this.account, this.markets, this.desk, outbox);
  }

  /** Time of the last event of the run; NaN before the first. */
  get time(): number {
    return this.run.time;
  }

  /** Before the first event there is no time, and no order is taken either. */
  get now(): number {
    return Number.isNaN(this.time) ? 0 : this.time;
  }

  /** When what is asked now is asked, likewise. */
  get asked(): number {
    const { asked } = this.run;
    return Number.isNaN(asked) ? 0 : asked;
  }

  /**
   * Everything that falls due in a market by time alone, up to and including `until`, in order of time: ends of orders,
   * funding, then other terms.
   */
  fallDue(market: Market, until: number): void {
    const { due } = market.book;
    while (due.nextAt <= until) {
      const at = due.nextAt;
      endByTime(this.desk, market, at);
      this.fund(market, at);
      if (due.changeAt <= at) this.changes.apply(market, at);
    }
    this.fund(market, until);
  }

  /** Pays every stamp up to and including `until`. Before its first price an instrument has no position to pay on. */
  private fund(market: Market, until: number): void {
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
