import { fault } from '../../../domain/errors.js';
import { signOf, type Side, type TriggerPrice } from '../../../domain/order.js';
import { marks, type Lots, type MarkUnits, type Ticks } from '../../../domain/units.js';
import type { BarView, InstrumentChanges, TradeRows } from '../../../ports/core-services/simulated-exchange.js';
import type { Market } from '../core/market.js';
import { endOfLeg } from '../engine/path-dependence.js';
import { isDue } from '../engine/liquidation-triggers.js';
import { bookEvent, depthEvent, instrumentEvent, markEvent, tradeEvent } from '../core/market-events.js';
import type { SharedParts } from './shared-parts.js';

/**
 * What the driver tells of the market, in time order. Funding comes before everything else of its instant, and
 * liquidation at the new mark before own orders meet the market. An event that concerns no order, no stamp and no
 * listener costs its assignments.
 */
export class MarketIntake {
  /** The market of the last event: events of one instrument come in rows. */
  private recent: Market | undefined = undefined;

  constructor(private readonly parts: SharedParts) {}

  /** Markets have been made anew. */
  forget(): void {
    this.recent = undefined;
  }

  advance(at: number): void {
    const { parts } = this;
    if (parts.wire.nextAt <= at) this.deliver(at);
    this.pass(at);
    for (const market of parts.markets.values())
      if (market.funding.nextAt <= at || market.book.due.nextAt <= at) this.fallDue(market, at);
    parts.log.settle();
  }

  quote(symbol: string, bid: Ticks, bidLots: Lots, ask: Ticks, askLots: Lots, at: number): void {
    const market = this.begin(symbol, at);
    if (market.depth === undefined) {
      market.setQuote(bid, bidLots, ask, askLots, at);
      if (market.quoted) {
        if (isDue(market)) this.liquidate(market, at);
        if (market.book.size > 0) this.matchQuote(market, at);
      }
      if (market.bookSinks.size > 0) this.tellBook(market);
    }
    this.parts.log.settle();
  }

  depthBegin(symbol: string, snapshot: boolean): void {
    const market = symbol === this.recent?.symbol ? this.recent : this.find(symbol);
    this.parts.log.assertSound();
    market.openDepth(snapshot);
  }

  /** Nothing looks at the book before the message ends, and nobody at one that no snapshot began. */
  depth(symbol: string, side: Side, price: Ticks, size: Lots): void {
    const market = symbol === this.recent?.symbol ? this.recent : this.find(symbol);
    market.depth?.set(side, price, size);
  }

  depthEnd(symbol: string, at: number): void {
    const market = this.begin(symbol, at);
    if (market.depth?.whole === true) {
      market.closeDepth(at);
      if (!(market.bid > market.ask)) {
        if (isDue(market)) this.liquidate(market, at);
        if (market.book.size > 0) this.matchQuote(market, at);
      }
      if (market.depthSinks.size > 0)
        this.parts.log.notify(market.depthSinks, depthEvent(market, (market.depthTold += 1), at));
      if (market.bookSinks.size > 0) this.tellBook(market);
    } else market.at = at;
    this.parts.log.settle();
  }

  /** What falls due before it is still paid on the old terms. */
  redefine(symbol: string, changes: InstrumentChanges, at: number): void {
    const market = this.begin(symbol, at);
    market.redefine(changes, at);
    if (market.bookSinks.size > 0) this.parts.log.notify(market.bookSinks, instrumentEvent(market, at));
    this.parts.log.settle();
  }

  /** Somebody else's bankruptcy: see `Liquidator.deleverage`. */
  deleverage(symbol: string, side: Side, size: Lots, price: Ticks, at: number): Lots {
    return this.parts.of(symbol).liquidator.deleverage(this.begin(symbol, at), side, size, price, at);
  }

  /** See `Liquidator.force`. */
  forceOut(symbol: string, at: number): void {
    this.parts.of(symbol).liquidator.force(this.begin(symbol, at), at);
  }

  trade(symbol: string, price: Ticks, size: Lots, at: number, aggressor?: Side): void {
    const market = this.begin(symbol, at);
    market.setTrade(price, size, at, aggressor === undefined ? 0 : signOf(aggressor));
    if (isDue(market)) this.liquidate(market, at);
    if (market.book.size > 0) this.matchTrade(market, price, size, at, aggressor);
    if (market.tradeSinks.size > 0)
      this.parts.log.notify(market.tradeSinks, tradeEvent(market, price, size, at, aggressor));
    this.parts.log.settle();
  }

  /** See the port. What a trade asks of everybody is asked once, as long as nothing can change the answers. */
  quietTrades(symbol: string, trades: TradeRows, from: number, to: number, until: number): number {
    const market = symbol === this.recent?.symbol ? this.recent : this.find(symbol);
    const { parts } = this;
    if (market.book.size > 0 || market.tradeSinks.size > 0 || !parts.log.isIdle || isDue(market)) return from;
    const before = Math.min(until, parts.wire.nextAt, market.funding.nextAt, market.book.due.nextAt);
    const next = market.setQuietTrades(trades, from, to, before);
    if (next > from) this.pass(market.at);
    return next;
  }

  mark(symbol: string, mark: MarkUnits, at: number): void {
    const market = this.begin(symbol, at);
    market.mark = mark;
    market.hasMarkFeed = true;
    if (isDue(market)) this.liquidate(market, at);
    if (market.book.stops.length > 0) this.trigger(market, at, 'mark');
    if (market.bookSinks.size > 0) this.parts.log.notify(market.bookSinks, markEvent(market, at));
    this.parts.log.settle();
  }

  index(symbol: string, index: MarkUnits, at: number): void {
    const market = this.begin(symbol, at);
    market.index = index;
    if (market.book.stops.length > 0) this.trigger(market, at, 'index');
    if (market.bookSinks.size > 0) this.parts.log.notify(market.bookSinks, markEvent(market, at));
    this.parts.log.settle();
  }

  lapse(symbol: string, kind: 'mark' | 'index', at: number): void {
    const market = this.begin(symbol, at);
    if (kind === 'index') market.index = marks(Number.NaN);
    else {
      market.endMarkFeed();
      if (isDue(market)) this.liquidate(market, at);
      if (market.book.stops.length > 0) this.trigger(market, at, 'mark');
    }
    if (market.bookSinks.size > 0) this.parts.log.notify(market.bookSinks, markEvent(market, at));
    this.parts.log.settle();
  }

  bar(symbol: string, bar: BarView): void {
    const { parts } = this;
    const market = symbol === this.recent?.symbol ? this.recent : this.find(symbol);
    if (parts.wire.nextAt <= bar.openAt) this.deliver(bar.openAt);
    const { marksPerTick } = market.instrument;
    const busy =
      market.book.size !== 0 ||
      market.funding.nextAt < bar.closeAt ||
      market.book.due.nextAt < bar.closeAt ||
      bar.low * marksPerTick <= market.liquidateBelow ||
      bar.high * marksPerTick >= market.liquidateAbove;
    if (busy) this.runBar(market, bar);
    market.close(bar, parts.wire.takesTime ? bar.closeAt : bar.openAt);
    if (busy && isDue(market)) this.liquidate(market, bar.closeAt);
    this.pass(bar.closeAt);
    const watched = market.bookSinks.size !== 0;
    if (watched) this.tellBook(market);
    if (busy || watched || parts.log.keeping) parts.log.settle();
  }

  /** Throws CFG-007 for an instrument that has not been defined. */
  find(symbol: string): Market {
    const market = this.parts.markets.get(symbol);
    if (market === undefined)
      throw fault('CFG-007', `The exchange inside must know ${symbol} before it is used; it was not defined.`);
    this.recent = market;
    return market;
  }

  private begin(symbol: string, at: number): Market {
    const market = symbol === this.recent?.symbol ? this.recent : this.find(symbol);
    this.parts.log.assertSound();
    if (this.parts.wire.nextAt <= at) this.deliver(at);
    if (market.funding.nextAt <= at || market.book.due.nextAt <= at) this.fallDue(market, at);
    this.pass(at);
    return market;
  }

  // Closures cost where they stand, called or not: each has a method of its own, off the path of quiet events.

  private matchQuote(market: Market, at: number): void {
    const { log } = this.parts;
    log.enter();
    try {
      this.parts.of(market.symbol).quotes.quote(market, at);
    } catch (error) {
      throw log.fail(error);
    } finally {
      log.leave();
    }
  }

  private matchTrade(market: Market, price: Ticks, size: Lots, at: number, aggressor?: Side): void {
    const { log } = this.parts;
    log.enter();
    try {
      this.parts.of(market.symbol).quotes.trade(market, price, size, at, aggressor);
    } catch (error) {
      throw log.fail(error);
    } finally {
      log.leave();
    }
  }

  /** Without a feed of its own the mark moves with the book, and a stream says so as an answer would. */
  private tellBook(market: Market): void {
    const { log } = this.parts;
    log.notify(market.bookSinks, bookEvent(market));
    if (!market.hasMarkFeed && market.hasPrice) log.notify(market.bookSinks, markEvent(market, market.at));
  }

  private trigger(market: Market, at: number, price: TriggerPrice): void {
    this.parts.log.run(() => this.parts.of(market.symbol).quotes.triggerStops(market, at, price));
  }

  private liquidate(market: Market, at: number): void {
    this.parts.log.run(() => this.parts.of(market.symbol).liquidator.look(market, at));
  }

  private fallDue(market: Market, until: number): void {
    const { changedAt } = market;
    this.parts.log.run(() => this.parts.of(market.symbol).fallDue(market, until));
    if (market.changedAt !== changedAt) this.tellChange(market);
  }

  private runBar(market: Market, bar: BarView): void {
    const { changedAt } = market;
    this.parts.log.run(() => this.walk(market, bar));
    if (market.changedAt !== changedAt) this.tellChange(market);
  }

  /** Filters that changed at an instant known in advance, as those that a driver changes. */
  private tellChange(market: Market): void {
    if (market.bookSinks.size > 0) this.parts.log.notify(market.bookSinks, instrumentEvent(market, market.changedAt));
  }

  /** Requests and news that are due have their own instants, before what happens now. */
  private deliver(until: number): void {
    this.parts.wire.deliver(until, this.passed);
  }

  private readonly passed = (at: number): void => {
    for (const market of this.parts.markets.values())
      if (market.funding.nextAt <= at || market.book.due.nextAt <= at) this.fallDue(market, at);
    this.pass(at);
  };

  private pass(at: number): void {
    if (!(at <= this.parts.time)) this.parts.time = at;
  }

  /**
   * A bar with stamps or orders in it. Its three legs take a third of its time each and end just before its close; a
   * stamp inside the bar is paid at the open's price unless the data has marks of its own. A stamp at the close belongs
   * to what comes next.
   */
  private walk(market: Market, bar: BarView): void {
    const { openAt } = bar;
    const venue = this.parts.of(market.symbol);
    if (!market.hasPrice) market.mark = marks(bar.open * market.instrument.marksPerTick);
    venue.fallDue(market, openAt);
    market.open(bar);
    if (isDue(market)) venue.liquidator.look(market, openAt);
    venue.bars.open(market, bar);
    market.walking = true;
    let from = bar.open;
    let leg = 0;
    for (const to of venue.bars.route(market, bar)) {
      leg += 1;
      const at = endOfLeg(bar, leg);
      venue.fallDue(market, at);
      venue.bars.leg(market, from, to, at);
      from = to;
    }
    market.walking = false;
  }
}
