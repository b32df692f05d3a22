import { fault } from '../../domain/errors.js';
import type { TriggerPrice } from '../../domain/order.js';
import { marks, type Lots, type MarkUnits, type Ticks } from '../../domain/units.js';
import type { BarView } from '../../ports/simulated-exchange.js';
import { BarMatching } from './bar-matching.js';
import type { Market } from './market.js';
import { bookEvent, tradeEvent } from './market-events.js';
import type { QuoteMatching } from './quote-matching.js';
import type { VenueParts } from './venue-parts.js';

/**
 * What the driver tells of the market, in time order. Funding comes before everything else of its instant. An event
 * that concerns no order, no stamp and no listener costs its assignments.
 */
export class MarketFeed {
  private readonly bars: BarMatching;
  /** The market of the last event: events of one instrument come in rows. */
  private recent: Market | undefined = undefined;

  constructor(
    private readonly parts: VenueParts,
    private readonly quotes: QuoteMatching,
  ) {
    this.bars = new BarMatching(parts.desk, parts.terms);
  }

  /** Markets have been made anew. */
  forget(): void {
    this.recent = undefined;
  }

  advance(at: number): void {
    const { parts } = this;
    this.pass(at);
    for (const market of parts.markets.values()) if (market.funding.nextAt <= at) this.fund(market, at);
    parts.log.settle();
  }

  quote(symbol: string, bid: Ticks, bidLots: Lots, ask: Ticks, askLots: Lots, at: number): void {
    const market = this.begin(symbol, at);
    market.setQuote(bid, bidLots, ask, askLots, at);
    if (market.book.size > 0) this.matchQuote(market, at);
    if (market.bookSinks.size > 0) this.parts.log.notify(market.bookSinks, bookEvent(market));
    this.parts.log.settle();
  }

  trade(symbol: string, price: Ticks, size: Lots, at: number): void {
    const market = this.begin(symbol, at);
    market.setTrade(price, size, at);
    if (market.book.size > 0) this.matchTrade(market, price, size, at);
    if (market.tradeSinks.size > 0) this.parts.log.notify(market.tradeSinks, tradeEvent(market, price, size, at));
    this.parts.log.settle();
  }

  mark(symbol: string, mark: MarkUnits, at: number): void {
    const market = this.begin(symbol, at);
    market.mark = mark;
    market.hasMarkFeed = true;
    if (market.book.stops.length > 0) this.trigger(market, at, 'mark');
    this.parts.log.settle();
  }

  index(symbol: string, index: MarkUnits, at: number): void {
    const market = this.begin(symbol, at);
    market.index = index;
    if (market.book.stops.length > 0) this.trigger(market, at, 'index');
    this.parts.log.settle();
  }

  bar(symbol: string, bar: BarView): void {
    const { parts } = this;
    const market = symbol === this.recent?.symbol ? this.recent : this.find(symbol);
    const busy = market.book.size !== 0 || market.funding.nextAt < bar.closeAt;
    if (busy) this.runBar(market, bar);
    market.close(bar);
    this.pass(bar.closeAt);
    const watched = market.bookSinks.size !== 0;
    if (watched) parts.log.notify(market.bookSinks, bookEvent(market));
    if (busy || watched || parts.log.keeping) parts.log.settle();
  }

  /** Throws CFG-007 for an instrument that has not been defined. */
  find(symbol: string): Market {
    const market = this.parts.markets.get(symbol);
    if (market === undefined) throw fault('CFG-007', `The exchange inside must know ${symbol} before it is used; it was not defined.`);
    this.recent = market;
    return market;
  }

  private begin(symbol: string, at: number): Market {
    const market = symbol === this.recent?.symbol ? this.recent : this.find(symbol);
    this.parts.log.assertSound();
    if (market.funding.nextAt <= at) this.fund(market, at);
    this.pass(at);
    return market;
  }

  // Closures cost where they stand, called or not: each has a method of its own, off the path of quiet events.

  private matchQuote(market: Market, at: number): void {
    this.parts.log.run(() => this.quotes.quote(market, at));
  }

  private matchTrade(market: Market, price: Ticks, size: Lots, at: number): void {
    this.parts.log.run(() => this.quotes.trade(market, price, size, at));
  }

  private trigger(market: Market, at: number, price: TriggerPrice): void {
    this.parts.log.run(() => this.quotes.triggerStops(market, at, price));
  }

  private fund(market: Market, until: number): void {
    this.parts.log.run(() => this.parts.fund(market, until));
  }

  private runBar(market: Market, bar: BarView): void {
    this.parts.log.run(() => this.walk(market, bar));
  }

  private pass(at: number): void {
    if (!(at <= this.parts.time)) this.parts.time = at;
  }

  /**
   * A bar with stamps or orders in it. Its three legs take a third of its time each and end just before its close; a
   * stamp inside the bar is paid at the open's price unless the data has marks of its own. A stamp at the close belongs
   * to what comes next.
   */
  private walk(market: Market, bar: BarView): void {
    const { openAt, closeAt } = bar;
    if (!market.hasPrice) market.mark = marks(bar.open * market.instrument.marksPerTick);
    this.parts.fund(market, openAt);
    this.bars.open(market, bar);
    let from = bar.open;
    let leg = 0;
    for (const to of this.bars.route(market, bar)) {
      leg += 1;
      const at = leg === 3 ? closeAt - 1 : openAt + Math.floor(((closeAt - openAt) * leg) / 3);
      this.parts.fund(market, at);
      this.bars.leg(market, from, to, at);
      from = to;
    }
  }
}
