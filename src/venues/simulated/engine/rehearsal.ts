import { marks } from '../../../domain/units.js';
import type { BarView } from '../../../ports/core-services/simulated-exchange.js';
import { totalEquity } from '../core/margin.js';
import type { Market } from '../core/market.js';
import { OrderBook } from '../core/order-book.js';
import { Outbox } from '../core/outbox.js';
import type { SimulatedAccount } from '../core/simulated-account.js';
import { BarMatching, type BarTerms, type PathJudge } from './bar-matching.js';
import { ExecutionGuard } from './execution-guard.js';
import { isDue } from './liquidation-triggers.js';
import { Liquidator } from './liquidator.js';
import { OrderDesk } from './order-desk.js';
import { endOfLeg, type PricePath } from './path-dependence.js';
import { endByTime } from './timed-ends.js';

/** The venue that is rehearsed for. */
export interface RehearsedVenue {
  readonly account: SimulatedAccount;
  readonly markets: ReadonlyMap<string, Market>;
  readonly desk: OrderDesk;
  readonly guard: ExecutionGuard;
  readonly liquidator: Liquidator;
  readonly terms: BarTerms;
}

/** Nothing that is rehearsed is told to anybody, or kept. */
class NoNews extends Outbox {
  override order(): void {}
  override touch(): void {}
  override drift(): void {}
  override fill(): void {}
  override funding(): void {}
}

/**
 * Plays the rest of a bar by the exchange's own rules, on copies of the account, its markets and its open orders.
 * Costs some microseconds for every order, so it is asked only where the way through the bar matters. Funding within
 * the bar is left out: it is paid at the same stamps on every way.
 */
export class Rehearsal implements PathJudge {
  constructor(private readonly venue: RehearsedVenue) {}

  worthAfter(market: Market, bar: BarView, path: PricePath, from: BarMatching, turning: boolean): number {
    const { venue } = this;
    const account = venue.account.copy();
    const markets = new Map<string, Market>();
    for (const [symbol, each] of venue.markets) markets.set(symbol, copyOf(each, account));
    const guard = new ExecutionGuard(account, markets);
    guard.liquidates = venue.guard.liquidates;
    const outbox = new NoNews();
    const desk = new OrderDesk(account, outbox, { ...venue.desk.ids }, guard);
    for (const [symbol, each] of venue.markets)
      if (each.book.size > 0)
        desk.rehearse(
          markets.get(symbol) as Market,
          [...each.book.all()].sort((a, b) => a.seq - b.seq),
          venue.desk,
        );
    const liquidator = new Liquidator(account, markets, desk, outbox);
    liquidator.follow(venue.liquidator);
    const bars = new BarMatching(desk, venue.terms, liquidator);
    bars.continueFrom(from, turning);
    const played = markets.get(market.symbol) as Market;
    walk(bars, desk, played, bar, path);
    if (isDue(played)) liquidator.look(played, bar.closeAt);
    return totalEquity(account, markets.values());
  }
}

/** The market as it is; its orders and positions are its own. */
function copyOf(market: Market, account: SimulatedAccount): Market {
  const book = new OrderBook();
  book.due.set('deadManAt', market.book.due.deadManAt);
  book.due.set('accountDeadManAt', market.book.due.accountDeadManAt);
  return Object.assign(Object.create(market) as Market, { book, holdings: account.holdings(market.instrument) });
}

function walk(bars: BarMatching, desk: OrderDesk, market: Market, bar: BarView, path: PricePath): void {
  let from = bar.open;
  path.forEach((to, index) => {
    const at = endOfLeg(bar, index + 1);
    if (market.book.due.nextAt <= at) endByTime(desk, market, at);
    bars.leg(market, from, to, at);
    from = to;
  });
  market.walking = false;
  market.last = bar.close;
  if (!market.hasMarkFeed) market.mark = marks(bar.close * market.instrument.marksPerTick);
}
