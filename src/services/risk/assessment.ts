import type { Instrument } from '../../domain/instrument.js';
import { largestTerms, protects, reservedLots } from '../../domain/order-state.js';
import { closesPosition, type Side } from '../../domain/order.js';
import { lots, units, type Lots, type MarkUnits, type Units } from '../../domain/units.js';
import type { ForeignOrders } from '../../ports/runtime-state/foreign-orders.js';
import type { OpenOrders } from '../../ports/runtime-state/open-orders.js';
import type { Portfolio } from '../../ports/runtime-state/portfolio.js';
import type { OrderEffect, OrderIntent } from '../../ports/core-services/risk-manager.js';
import type { QuotePrices } from '../../ports/runtime-state/quote-prices.js';
import type { WindowStore } from '../../ports/runtime-state/window-store.js';
import { ForeignExposure } from './exposure/foreign-exposure.js';
import { OwnExposure } from './exposure/own-exposure.js';
import type { OrderHistory } from './order-history.js';
import { worthAtOwn, type PricedTerms } from './own-worth.js';
import { divideUp } from './parts-per-million.js';
import type { LimitBook, RiskLimits, SymbolLimits } from './risk-limits.js';

/** Why a check refuses: its stable name, and what was asked and what the limit is. */
export interface RiskFinding {
  readonly check: string;
  readonly reason: string;
}

export type RiskCheck = (order: Assessment) => RiskFinding | undefined;

export const finding = (check: string, reason: string): RiskFinding => ({ check, reason });

/**
 * One order and all it could lead to: position, what is open, what is unknown, what others have resting there, and this
 * order, on the worse side.
 * One object, filled again for every order, because approval must not allocate.
 */
export class Assessment implements OrderEffect {
  declare intent: OrderIntent;
  declare limits: RiskLimits;
  declare symbol: SymbolLimits;
  now = 0;
  mark: MarkUnits | undefined = undefined;
  /** Lowest and highest of the mark and the fresh prices that the venue tells beside it: the worse one measures. */
  low = NaN;
  high = NaN;
  position: Lots = lots(0);
  equity: Units = units(0);
  /** Size after the reduce-only clamp. */
  size: Lots = lots(0);
  opposes = false;
  /** Only shrinks the position, together with every reducing order that is open. */
  shrinks = false;
  /** A stop that the venue holds to the position, or the order of one that has been reached. */
  protects = false;
  /**
   * Shrinks, and leaves the worst case no worse than what is held or already open (or a person asks for it, or it
   * protects): exposure limits do not apply.
   */
  exempt = false;
  /** What it adds to what is open of its side: less than its size where it can only execute in place of others. */
  private addedLots = 0;
  /** Worst |position|, were everything on one side to execute. */
  worstLots = 0;
  /** The position on this order's side, were everything on that side to execute. */
  private sideLots = 0;
  /** The same of the other side. */
  private otherLots = 0;
  /** Of both sides, what is not ours. */
  theirs = 0;
  worstNotional: Units = units(0);
  /** Value of this order at the dearest of mark, limit and trigger. */
  notional: Units = units(0);
  /** Worst value of all other symbols together; NaN when one of them has no mark. */
  othersNotional: Units = units(0);
  /** Margin that those need at their leverage caps. */
  othersMargin: Units = units(0);
  private readonly own: OwnExposure;
  private readonly foreign: ForeignExposure;

  constructor(
    private readonly book: LimitBook,
    private readonly portfolio: Portfolio,
    private readonly orders: OpenOrders,
    foreign: ForeignOrders,
    private readonly windows: WindowStore,
    private readonly prices?: QuotePrices,
    history?: OrderHistory,
  ) {
    this.own = new OwnExposure(orders, history);
    this.foreign = new ForeignExposure(foreign, orders);
  }

  load(intent: OrderIntent, now: number): void {
    this.weigh(intent);
    this.now = now;
    this.mark = this.markOf(intent.instrument.symbol);
    this.low = this.mark ?? NaN;
    this.high = this.low;
    if (this.prices?.isEmpty === false) this.stretch(this.prices, intent.instrument.symbol);
    this.equity = this.portfolio.equity;
  }

  /** What the order does to the position, and no more. */
  weigh(intent: OrderIntent): void {
    const { instrument } = intent;
    this.intent = intent;
    this.limits = this.book.current;
    this.symbol = this.limits.of(instrument);
    this.position = this.portfolio.position(instrument).lots;
    this.size = intent.lots;
    this.classify();
  }

  /** Fills in what only orders that add exposure are asked. Needs a mark. */
  price(mark: MarkUnits): void {
    const { instrument, side } = this.intent;
    const excess = this.excessOf(this.intent, mark, this.size);
    this.notional = units(this.dearest(instrument, mark, this.size) + excess);
    this.worstNotional = units(this.dearest(instrument, mark, this.worstLots));
    // What rests on the other side was counted when it was asked about.
    if (excess > 0 || this.orders.size > 0 || !this.foreign.isEmpty) {
      const own = this.ifAll(side, instrument, mark, this.sideLots, excess);
      this.worstNotional = units(Math.max(this.worstNotional, own));
    }
    // Nobody was asked about what others have resting there.
    if (!this.foreign.isEmpty) {
      const other = this.ifAll(side === 'buy' ? 'sell' : 'buy', instrument, mark, this.otherLots);
      this.worstNotional = units(Math.max(this.worstNotional, other));
    }
    this.addUpOthers(instrument.symbol);
  }

  /** Newest accepted mark; the last valuation where a symbol has no window. */
  markOf(symbol: string): MarkUnits | undefined {
    return this.windows.find(symbol)?.last ?? this.portfolio.lastMark(symbol);
  }

  /**
   * Value of all symbols, what is long less what is short, were everything on the side of this order to execute and
   * nothing on the other: positive on that side. NaN when a symbol has no mark.
   */
  worstNet(): Units {
    const { side, instrument } = this.intent;
    let net = 0;
    for (const position of this.portfolio.positions()) {
      const { symbol } = position.instrument;
      const isOwn = symbol === instrument.symbol;
      const open =
        (side === 'buy' ? this.orders.buying(symbol) : this.orders.selling(symbol)) +
        this.own.reducing(symbol, side) +
        this.foreign.lots(position.instrument, side) +
        (isOwn ? this.addedLots : 0);
      const size = position.lots + (side === 'buy' ? open : -open);
      if (size === 0) continue;
      const mark = this.markOf(symbol) ?? NaN;
      const added = isOwn ? this.excessOf(this.intent, mark, this.size) : 0;
      const excess = this.resting(position.instrument, side, mark) + added;
      net += this.netValue(position.instrument, size, side) + (side === 'buy' ? excess : -excess);
    }
    return units(side === 'buy' ? net : -net);
  }

  get closes(): boolean {
    return this.shrinks && this.size === Math.abs(this.position);
  }

  /** Leverage cap in force for this order, in parts per million. */
  get cap(): number {
    return this.limits.capAt(this.symbol, this.now);
  }

  private classify(): void {
    const { intent, orders, position } = this;
    const { side, reduceOnly } = intent;
    const { symbol } = intent.instrument;
    const buying = orders.buying(symbol);
    const selling = orders.selling(symbol);
    const reducingBuys = this.own.reducing(symbol, 'buy');
    const reducingSells = this.own.reducing(symbol, 'sell');
    const buys = buying + reducingBuys;
    const sells = selling + reducingSells;
    const before = worst(position, buys, sells);
    this.opposes = position > 0 ? side === 'sell' : position < 0 && side === 'buy';
    if (closesPosition(intent)) {
      // It takes its size from what is open when it triggers: it can add nothing, whatever else reduces.
      this.size = lots((this.opposes ? Math.abs(position) : 0) + this.own.promised(intent));
      this.shrinks = this.exempt = this.size > 0;
      this.protects = this.shrinks && protects({ reduceOnly: true, type: intent.type });
      this.addedLots = this.otherLots = this.theirs = 0;
      this.worstLots = this.sideLots = before;
      return;
    }
    // A venue holds a reduce-only order to the position; a plain order, and any order of a spot market, it does not.
    const enforced = reduceOnly && !this.symbol.isSpot;
    this.protects = enforced && (intent.protects === true || protects(intent));
    // What protects takes its room from nobody: the venue cuts whichever order comes later.
    const pastUnknown = enforced && intent.pastUnknown === true;
    const firm = this.protects ? 0 : this.own.reducing(symbol, side, true, pastUnknown);
    const taken = firm + (enforced ? 0 : side === 'sell' ? selling : buying);
    const room = (this.opposes ? Math.max(0, Math.abs(position) - taken) : 0) + this.own.promised(intent);
    if (reduceOnly) this.size = lots(Math.min(intent.lots, room));
    this.shrinks = this.size > 0 && this.size <= room;
    this.addedLots = this.own.added(intent, this.size);
    this.sideLots = (side === 'buy' ? position + buys : sells - position) + this.addedLots;
    this.otherLots = side === 'buy' ? sells - position : position + buys;
    this.worstLots = Math.max(this.sideLots, this.otherLots);
    const pressing = intent.urgent === true || this.protects;
    this.exempt = this.shrinks && (pressing || this.worstLots <= Math.max(Math.abs(position), before));
    this.theirs = 0;
    if (!this.foreign.isEmpty) this.countForeign(intent);
  }

  /** After all that decides whether it may pass as what shrinks: nobody else's order keeps an exit back. */
  private countForeign({ instrument, side }: OrderIntent): void {
    const theirs = this.foreign.lots(instrument, side);
    const against = this.foreign.lots(instrument, side === 'buy' ? 'sell' : 'buy');
    this.sideLots += theirs;
    this.otherLots += against;
    this.theirs = theirs + against;
    this.worstLots = Math.max(this.sideLots, this.otherLots);
  }

  private addUpOthers(symbol: string): void {
    let notional = 0;
    let margin = 0;
    if (this.orders.size > 0) {
      // A symbol with orders but no position yet must be among the positions that are added up below.
      for (const order of this.orders.all()) this.portfolio.position(order.request.instrument);
    }
    if (!this.foreign.isEmpty)
      for (const instrument of this.foreign.instruments())
        if (this.windows.find(instrument.symbol) !== undefined) this.portfolio.position(instrument);
    for (const position of this.portfolio.positions()) {
      const { instrument } = position;
      if (instrument.symbol === symbol) continue;
      const value = this.worstValue(instrument, position.lots);
      notional += value;
      margin += value === 0 ? 0 : divideUp(value, this.limits.capAt(this.limits.of(instrument), this.now));
    }
    this.othersNotional = units(notional);
    this.othersMargin = units(margin);
  }

  private worstValue(instrument: Instrument, position: Lots): Units {
    const { symbol } = instrument;
    const { foreign } = this;
    const buys = this.orders.buying(symbol) + this.own.reducing(symbol, 'buy') + foreign.lots(instrument, 'buy');
    const sells = this.orders.selling(symbol) + this.own.reducing(symbol, 'sell') + foreign.lots(instrument, 'sell');
    if (worst(position, buys, sells) === 0) return units(0);
    const mark = this.markOf(symbol) ?? NaN;
    const bought = this.ifAll('buy', instrument, mark, position + buys);
    return units(Math.max(bought, this.ifAll('sell', instrument, mark, sells - position)));
  }

  /** What `open` lots of one side are worth, those that only open at a dearer price at that price. */
  private ifAll(side: Side, instrument: Instrument, mark: number, open: number, excess = 0): number {
    return open > 0 ? this.dearest(instrument, mark, open) + this.resting(instrument, side, mark) + excess : 0;
  }

  /** How much more than at the mark the open orders of a side, that can add, are worth where they execute. */
  private resting(instrument: Instrument, side: Side, mark: number): number {
    let excess = this.foreign.isEmpty
      ? 0
      : this.foreign.excess(instrument, side, (size) => this.dearest(instrument, mark, size));
    if (this.orders.size === 0) return excess;
    for (const order of this.orders.of(instrument.symbol))
      if (order.request.side === side && !order.request.reduceOnly)
        excess += this.excessOf(largestTerms(order), mark, reservedLots(order));
    return excess;
  }

  private excessOf(terms: PricedTerms, mark: number, size: number): number {
    const own = worthAtOwn(terms, size);
    return own === 0 ? 0 : Math.max(0, own - this.dearest(terms.instrument, mark, size));
  }

  private stretch(prices: QuotePrices, symbol: string): void {
    for (const { value } of prices.all(symbol, this.now, this.limits.risk.maxMarkStalenessMs)) {
      this.low = Math.min(this.low, value);
      this.high = Math.max(this.high, value);
    }
  }

  /** What so many lots are worth at the price at which they are worth most. An inverse contract's is the lowest. */
  private dearest(instrument: Instrument, mark: number, size: number): number {
    let most = instrument.worth(mark, size);
    const { prices } = this;
    if (prices === undefined || prices.isEmpty) return most;
    for (const { value } of prices.all(instrument.symbol, this.now, this.limits.risk.maxMarkStalenessMs))
      most = Math.max(most, instrument.worth(value, size));
    return most;
  }

  /** What stands on the side that is asked about counts at its dearest, and what stands against it at the mark. */
  private netValue(instrument: Instrument, size: number, side: Side): number {
    const mark = this.markOf(instrument.symbol) ?? NaN;
    if (size > 0 !== (side === 'buy')) return instrument.worth(mark, size);
    return Math.sign(size) * this.dearest(instrument, mark, Math.abs(size));
  }
}

/**
 * Largest |position| that any order of fills and cancels can reach. Reduce-only orders count whole: one may take the
 * position to zero before an opposite order opens the other side, or may have filled, unknown to us, when there was
 * more to reduce than the fills that are here show.
 */
const worst = (position: number, buys: number, sells: number): number => Math.max(position + buys, sells - position);
