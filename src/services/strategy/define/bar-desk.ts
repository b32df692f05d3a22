import { Decimal } from '../../../domain/decimal.js';
import { fault } from '../../../domain/errors.js';
import type { Instrument } from '../../../domain/instrument.js';
import type { Values } from '../../../domain/order.js';
import type { Position } from '../../../domain/position.js';
import { barCloseAt } from '../../../domain/time-spans.js';
import type { MarkUnits } from '../../../domain/units.js';
import type { Why } from '../../../ports/strategy/intent.js';
import type { OrderTicket } from '../../../ports/strategy/order-ticket.js';
import type { StrategyDesk, StrategyGate } from '../../../ports/strategy/strategy-desk.js';
import { refusing } from '../refusing.js';
import type { BuiltBar } from './bar-builder.js';
import type { EntryOrder } from './entries/entry-order.js';
import { assertWhy } from './market/assert-why.js';
import type { BarContext, PortfolioView } from './market/contexts.js';
import type { AddOrder, EitherOrders, ExitChange, StrategyMarket, ReduceOrder, StrategyBar } from './market/market.js';
import type { MarketOrders } from './market/orders.js';
import { ShownBar, portfolioView, PositionView } from './market/views.js';

/** What a handler may ask, carried out as it is asked. */
export interface ShortVerbs extends Pick<StrategyMarket, 'either' | 'add' | 'reduce' | 'exits'> {
  enter(side: 'buy' | 'sell', order: EntryOrder): OrderTicket;
  flat(why: Why): OrderTicket | undefined;
  hold(why: string, values?: Values): void;
  bars(timeframe: string): BuiltBar | undefined;
  after(delay: string, name: string): void;
  clear(name: string): void;
  plot(name: string, value: number): void;
}

/** What is shown to a handler. */
export interface Shown {
  readonly bar: BuiltBar;
  readonly barMs: number;
  readonly position: Position;
  /** Undefined where it is not known. */
  readonly mark: MarkUnits | undefined;
  readonly stop: number | undefined;
  readonly multiple: number | undefined;
  /** Entries that have filled since it was flat. */
  readonly entries: number;
  readonly now: number;
  readonly desk: StrategyDesk | undefined;
}

/** Names of gauges. */
const NAME = /^[A-Za-z][A-Za-z0-9_]{0,39}$/;
const TRADING: StrategyGate = Object.freeze({ mode: 'trading', name: undefined });

/** What the handlers of one symbol are handed: one object, filled in anew for every event. */
export class BarDesk implements BarContext<unknown> {
  readonly symbol: string;
  readonly bar = new ShownBar();
  readonly position = new PositionView();
  /** Marks as prices: by the whole number of them in one, where there is one, so that 100.1 comes out as 100.1. */
  readonly priceOf: (mark: number) => number;
  now = 0;
  private desk: StrategyDesk | undefined;
  private readonly others = new Map<string, ShownBar>();

  constructor(
    readonly instrument: Instrument,
    readonly params: unknown,
    private readonly verbs: ShortVerbs,
    readonly orders: MarketOrders,
  ) {
    this.symbol = instrument.symbol;
    const unit = instrument.markPrice(1 as Parameters<Instrument['markPrice']>[0]);
    const inOne = new Decimal(1).div(unit);
    const factor = inOne.isInteger() ? inOne.toNumber() : unit.toNumber();
    this.priceOf = inOne.isInteger() ? (mark) => mark / factor : (mark) => mark * factor;
  }

  show({ bar, barMs, position, mark, stop, multiple, entries, now, desk }: Shown): void {
    const { position: view } = this;
    this.bar.show(bar);
    view.of = position;
    view.mark = mark;
    view.stop = stop;
    view.r = multiple;
    view.barAt = bar.at;
    view.barMs = barMs;
    view.filledEntries = entries;
    this.now = now;
    this.desk = desk;
  }

  get mark(): number {
    const { mark } = this.position;
    return mark === undefined ? Number.NaN : this.priceOf(mark);
  }

  get isCurrent(): boolean {
    const { barAt, barMs } = this.position;
    return barAt > 0 && barMs > 0 && barCloseAt(barAt, barMs) > this.now;
  }

  get gate(): StrategyGate {
    return this.desk?.gate ?? TRADING;
  }

  get portfolio(): PortfolioView {
    const { desk } = this;
    if (desk === undefined)
      throw fault('STRAT-001', 'portfolio must be asked by a strategy that a host tells of events.');
    return portfolioView(this.instrument, this.position, desk.equity, desk.available, desk.result);
  }

  readonly long = (order: EntryOrder): OrderTicket => this.enter('long', order);
  readonly short = (order: EntryOrder): OrderTicket => this.enter('short', order);
  readonly either = (orders: EitherOrders): readonly [OrderTicket, OrderTicket] => {
    for (const { entry } of [orders.long, orders.short])
      if (entry === undefined || entry.kind === 'chase')
        throw fault('STRAT-001', 'Both entries of either must wait for a price: entry: stopEntry(…) or limit(…).');
    assertWhy('either', orders.long.why);
    assertWhy('short', orders.short.why);
    return this.verbs.either(orders);
  };
  readonly flat = (said: string | Why): OrderTicket | undefined => {
    const why = typeof said === 'object' && said !== null ? said : { why: said };
    assertWhy('flat', why.why);
    return this.verbs.flat(why);
  };
  readonly hold: StrategyMarket['hold'] = (why, values) => {
    assertWhy('hold', why);
    this.verbs.hold(why, values);
  };
  readonly add = (order: AddOrder): OrderTicket => {
    assertWhy('add', order.why);
    return this.verbs.add(order);
  };
  readonly reduce = (order: ReduceOrder): OrderTicket | undefined => {
    assertWhy('reduce', order.why);
    return this.verbs.reduce(order);
  };
  readonly exits = (change: ExitChange): void => {
    assertWhy('exits', change.why);
    this.verbs.exits(change);
  };
  readonly after = (delay: string, name: string): void => this.verbs.after(delay, name);
  readonly clear = (timer: string): void => this.verbs.clear(timer);
  readonly plot = (name: string, value: number): void => {
    if (typeof name !== 'string' || !NAME.test(name) || typeof value !== 'number')
      throw fault(
        'STRAT-001',
        `plot must have a name of letters, digits or _ and a number, was ${JSON.stringify(name)}.`,
      );
    this.verbs.plot(name, value);
  };
  readonly bars = (timeframe: string): StrategyBar | undefined => {
    const bar = this.verbs.bars(timeframe);
    if (bar === undefined) return undefined;
    let view = this.others.get(timeframe);
    if (view === undefined) this.others.set(timeframe, (view = new ShownBar()));
    view.show(bar);
    return view;
  };

  private enter(action: 'long' | 'short', order: EntryOrder): OrderTicket {
    assertWhy(action, order.why);
    return this.verbs.enter(action === 'long' ? 'buy' : 'sell', order);
  }
}

// What is asked for and not there is no silent undefined.
Object.setPrototypeOf(BarDesk.prototype, refusing('A handler'));
