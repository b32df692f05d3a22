import type { Side, TriggerPrice } from '../../../domain/order.js';
import type { Position } from '../../../domain/position.js';
import { lots, marks, mulDiv, ticks, type Lots, type MarkUnits, type Ticks } from '../../../domain/units.js';
import { Instrument, RATE_SCALE, rateOf } from '../../../domain/instrument.js';
import type { MarketEvent } from '../../../ports/venue/market-event.js';
import type { BarView, InstrumentChanges, TradeRows } from '../../../ports/core-services/simulated-exchange.js';
import { CandleHistory } from '../models/candle-history.js';
import { PriceLevelBook } from '../../../domain/book/price-level-book.js';
import { FundingSchedule } from '../models/funding-schedule.js';
import { OrderBook } from './order-book.js';
import type { WorkingOrder } from './working-order.js';
import type { Holdings } from './positions.js';

/** What is known of one instrument, and our orders on it. A price that is not known is NaN inside the exchange. */
export class Market {
  readonly symbol: string;
  last: Ticks = ticks(Number.NaN);
  mark: MarkUnits = marks(Number.NaN);
  index: MarkUnits = marks(Number.NaN);
  bid: Ticks = ticks(Number.NaN);
  ask: Ticks = ticks(Number.NaN);
  /** What is left of the standing quote's sizes. */
  bidLots: Lots = lots(0);
  askLots: Lots = lots(0);
  /** A quote stands: orders execute on arrival instead of at the next price. */
  quoted = false;
  /** Every level, where the data has depth; best prices and sizes above are then its own. */
  depth: PriceLevelBook | undefined = undefined;
  /** The data has marks of its own; last price and mid do not move the mark then. */
  hasMarkFeed = false;
  at = Number.NaN;
  private barFrom = Number.NaN;
  /** A bar's path is being walked: executions are at its prices, the mark still stands at its open. */
  walking = false;
  readonly book = new OrderBook();
  readonly funding: FundingSchedule;
  history: CandleHistory;
  /** Fee rates, integers of RATE_SCALE. */
  makerRate = 0;
  takerRate = 0;
  /** False while the venue takes no orders in it. */
  tradable = true;
  /**
   * Marks at or beyond which a position is to be looked at for liquidation; NaN for none. Set by the liquidator alone.
   */
  liquidateBelow = Number.NaN;
  liquidateAbove = Number.NaN;
  /**
   * What has been redefined since the instrument was configured, and the instant of the last change that was known in
   * advance.
   */
  changes: InstrumentChanges = {};
  changedAt = Number.NEGATIVE_INFINITY;
  readonly bookSinks = new Set<(event: MarketEvent) => void>();
  readonly depthSinks = new Set<(event: MarketEvent) => void>();
  readonly tradeSinks = new Set<(event: MarketEvent) => void>();
  /** Messages of depth that were told. */
  depthTold = 0;

  constructor(
    public instrument: Instrument,
    /** Our positions in it. */
    readonly holdings: Holdings,
    private readonly candleIntervalMs: number,
  ) {
    this.symbol = instrument.symbol;
    this.funding = new FundingSchedule(instrument.isPerpetual ? instrument.spec.fundingIntervalHours : 0);
    this.history = new CandleHistory(instrument, candleIntervalMs);
    this.makerRate = rateOf(instrument.spec.makerFee);
    this.takerRate = rateOf(instrument.spec.takerFee);
  }

  /** Other terms from now on, on the same grid: positions, orders and prices keep their meaning. */
  redefine(changes: InstrumentChanges, at: number): void {
    const { tradable = this.tradable, ...terms } = changes;
    const instrument = new Instrument({ ...this.instrument.spec, ...terms }, this.instrument.unit);
    // Whole or not at all: terms that are none are refused here.
    const [makerRate, takerRate] = [rateOf(instrument.spec.makerFee), rateOf(instrument.spec.takerFee)];
    Object.assign(this, { instrument, tradable, makerRate, takerRate, changes: { ...this.changes, ...changes } });
    if (terms.fundingIntervalHours !== undefined && this.instrument.isPerpetual)
      this.funding.every(terms.fundingIntervalHours, at);
    if (!this.holdings.isFlat) this.liquidateBelow = Number.POSITIVE_INFINITY;
  }

  /**
   * Another market tells of the instrument from now on: nothing that was known of this one holds, nor what orders have
   * followed of it. Only what is held has no other value before the first price.
   */
  forget(changed: (order: WorkingOrder) => void): void {
    for (const order of this.book.all()) {
      order.forgetMarket();
      changed(order);
    }
    this.last = this.bid = this.ask = ticks(Number.NaN);
    this.bidLots = this.askLots = lots(0);
    this.index = marks(Number.NaN);
    if (this.holdings.isFlat) this.mark = marks(Number.NaN);
    this.quoted = this.hasMarkFeed = false;
    this.depth = undefined;
    this.funding.rate = Number.NaN;
    this.history = new CandleHistory(this.instrument, this.candleIntervalMs);
  }

  /** The net position; flat in a hedged account. */
  get position(): Position {
    return this.holdings.net.position;
  }

  /** Signed lots of all positions together. */
  get exposure(): Lots {
    const { net, long, short } = this.holdings;
    return lots(net.position.lots + long.position.lots + short.position.lots);
  }

  /** Some price has been seen. */
  get hasPrice(): boolean {
    return !Number.isNaN(this.mark);
  }

  /** A bar begins: last price, and the mark without a feed of its own, become its open. */
  open(bar: BarView): void {
    this.last = bar.open;
    if (!this.hasMarkFeed) this.mark = marks(bar.open * this.instrument.marksPerTick);
    this.quoted = false;
  }

  /**
   * The earliest instant of what arrives at `at`. A bar is played whole, and its close is reached later: where nothing
   * travels, what is asked while it lasts has been asked in time.
   */
  since(at: number): number {
    return at === this.at && !this.quoted && this.barFrom < at ? this.barFrom : at;
  }

  /** A bar is over. It carries no quote: what stood before is gone. `from`: when what now arrives was asked first. */
  close(bar: BarView, from: number = bar.closeAt): void {
    this.barFrom = from;
    this.last = bar.close;
    if (!this.hasMarkFeed) this.mark = marks(bar.close * this.instrument.marksPerTick);
    this.quoted = false;
    this.at = bar.closeAt;
    this.history.appendBar(bar);
  }

  /** A bid above the ask is no market that anybody could trade in: nothing stands until the next quote. */
  setQuote(bid: Ticks, bidLots: Lots, ask: Ticks, askLots: Lots, at: number): void {
    if (bid > ask) {
      this.bid = this.ask = ticks(Number.NaN);
      this.bidLots = this.askLots = lots(0);
      this.quoted = false;
      this.at = at;
      return;
    }
    this.bid = bid;
    this.bidLots = bidLots;
    this.ask = ask;
    this.askLots = askLots;
    this.quoted = true;
    this.at = at;
    this.showMiddle(at);
  }

  /** A crossed quote is no market, one side alone has no middle: neither moves a mark. A locked one names its price. */
  private showMiddle(at: number): void {
    if (!(this.bid <= this.ask)) return;
    const mid = this.mid();
    if (!this.hasMarkFeed) this.mark = mid;
    this.history.observe(mid, at);
  }

  /**
   * A message of depth begins. From the first one on the book is what stands; quotes of the instrument are not looked
   * at.
   */
  openDepth(snapshot: boolean): void {
    this.depth ??= new PriceLevelBook();
    if (snapshot) this.depth.clear();
    else if (!this.depth.whole) this.quoted = false;
  }

  /** There is a book, and what stands in it was not seen: no quote until the next snapshot. */
  loseDepth(): void {
    this.depth = new PriceLevelBook();
    this.bid = this.ask = ticks(Number.NaN);
    this.bidLots = this.askLots = lots(0);
    this.quoted = false;
  }

  /** The message is whole: best prices, mark and candles follow. */
  closeDepth(at: number): void {
    this.at = at;
    this.showDepth();
    // A book that is taken empty between two messages still stands: nothing is left of it until it is told anew.
    // One whose sides cross is no market: a change of it was lost.
    this.quoted = !(this.bid > this.ask) && (!Number.isNaN(this.bid) || !Number.isNaN(this.ask));
    this.showMiddle(at);
  }

  showDepth(): void {
    const { bids, asks } = this.depth as PriceLevelBook;
    this.bid = bids.best;
    this.bidLots = bids.bestLots;
    this.ask = asks.best;
    this.askLots = asks.bestLots;
  }

  /**
   * A public trade. Where no quote stands it is the best there is to know of the price; where one stands, what it took
   * is gone. `aggressor`: above 0 a buyer, below 0 a seller, 0 not known.
   */
  setTrade(price: Ticks, size: Lots, at: number, aggressor: number): void {
    this.last = price;
    this.at = at;
    if (this.quoted) this.strike(price, size, aggressor);
    else {
      const mark = marks(price * this.instrument.marksPerTick);
      if (!this.hasMarkFeed) this.mark = mark;
      this.history.observe(mark, at);
    }
    this.history.addVolume(size);
  }

  /** A print takes from the side it met, best price first, no more than its size and no further than its own price. */
  private strike(price: number, size: number, aggressor: number): void {
    if (aggressor >= 0 && price >= this.ask) {
      if (this.depth !== undefined) this.strikeDepth('buy', price, size);
      else this.askLots = lots(Math.max(0, this.askLots - size));
    } else if (aggressor <= 0 && price <= this.bid) {
      if (this.depth !== undefined) this.strikeDepth('sell', price, size);
      else this.bidLots = lots(Math.max(0, this.bidLots - size));
    }
  }

  private strikeDepth(side: Side, price: number, size: number): void {
    const levels = (this.depth as PriceLevelBook).against(side);
    for (let left = size; left > 0 && accepts(side, ticks(price), levels.best);) {
      const taken = Math.min(left, levels.bestLots);
      levels.consume(taken);
      left -= taken;
    }
    this.showDepth();
  }

  /**
   * Trades from row `from` on, before `to` and before the instant `before`, as `setTrade` takes them; ends before one
   * that would be looked at for liquidation or is earlier than what has been. Returns the first row it did not take.
   */
  setQuietTrades(trades: TradeRows, from: number, to: number, before: number): number {
    const { at: times, price: prices, size: sizes, side: sides } = trades;
    const speaks = !this.quoted;
    const moves = speaks && !this.hasMarkFeed;
    const { marksPerTick } = this.instrument;
    const below = moves ? this.liquidateBelow : Number.NaN;
    const above = moves ? this.liquidateAbove : Number.NaN;
    let now = Number.isNaN(this.at) ? Number.NEGATIVE_INFINITY : this.at;
    let row = from;
    for (; row < to; row += 1) {
      const at = Math.floor(times[row] as number);
      const mark = (prices[row] as number) * marksPerTick;
      if (!(at >= now && at < before) || mark <= below || mark >= above) break;
      now = at;
      if (!speaks)
        this.strike(prices[row] as number, sizes[row] as number, sides === undefined ? 0 : (sides[row] as number));
    }
    if (row === from) return from;
    this.history.observeTrades(trades, from, row, speaks ? marksPerTick : Number.NaN);
    this.at = now;
    this.last = ticks(prices[row - 1] as number);
    if (moves) this.mark = marks(this.last * marksPerTick);
    return row;
  }

  /** The last price, or the middle of the quote, is the mark again. */
  endMarkFeed(): void {
    this.hasMarkFeed = false;
    if (this.quoted && this.bid <= this.ask) this.mark = this.mid();
    else if (!Number.isNaN(this.last)) this.mark = marks(this.last * this.instrument.marksPerTick);
    if (!this.holdings.isFlat) this.liquidateBelow = Number.POSITIVE_INFINITY;
  }

  /** Middle of the quote, halves of a mark unit up. */
  mid(): MarkUnits {
    return marks(Math.floor(((this.bid + this.ask) * this.instrument.marksPerTick + 1) / 2));
  }

  /** The price a trigger looks at; the last price is the mark while nothing has traded. NaN while not known. */
  reference(trigger: TriggerPrice): MarkUnits {
    if (trigger === 'index') return this.index;
    if (trigger === 'mark' || Number.isNaN(this.last)) return this.mark;
    return marks(this.last * this.instrument.marksPerTick);
  }
}

/**
 * `price` moved against the one who takes by half a spread (an integer of RATE_SCALE): buys up, sells down to the tick.
 */
export function takerPrice(side: Side, price: Ticks, halfSpread: number): Ticks {
  if (side === 'buy') return ticks(mulDiv(price, RATE_SCALE + halfSpread, RATE_SCALE, 'ceil'));
  return ticks(Math.max(1, mulDiv(price, RATE_SCALE - halfSpread, RATE_SCALE, 'floor')));
}

/** True when a limit order would accept this price. An absent limit accepts any that there is. */
export const accepts = (side: Side, limit: Ticks | undefined, price: Ticks): boolean =>
  limit === undefined ? !Number.isNaN(price) : side === 'buy' ? price <= limit : price >= limit;

/** True when the order would take now: at the standing quote, else at the last price and half a spread. */
export function wouldTake(market: Market, side: Side, limit: Ticks | undefined, halfSpread: number): boolean {
  if (market.quoted) return accepts(side, limit, side === 'buy' ? market.ask : market.bid);
  return !Number.isNaN(market.last) && accepts(side, limit, takerPrice(side, market.last, halfSpread));
}
