import { Decimal } from '../../../domain/decimal.js';
import { hold, type Decision } from '../../../domain/decision.js';
import { fault } from '../../../domain/errors.js';
import type { Instrument } from '../../../domain/instrument.js';
import type { Values } from '../../../domain/order.js';
import type { Position } from '../../../domain/position.js';
import { refusing } from '../refusing.js';
import type { BuiltBar } from './bar-builder.js';
import { showBar } from './bar-fields.js';
import type { EntryOrder, Exits } from './entry-order.js';
import type { LimitEntry, StopEntry } from './entry-kinds.js';
import type { Price } from './price.js';
import type { Share } from './share.js';

/**
 * A finished bar as `onBar` sees it. Prices are plain numbers: they inform, they are never paid. One object, reused.
 */
export interface StrategyBar {
  /** Its close, epoch milliseconds. */
  readonly at: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  /** In base currency; undefined where the data does not know it. */
  readonly volume: number | undefined;
  /** `bars`: open, high and low come from recorded bars. `marks`: they are those of the marks that were seen. */
  readonly madeOf: 'bars' | 'marks';
}

/** The open position as `onBar` sees it. */
export interface StrategyPosition {
  readonly isFlat: boolean;
  readonly isLong: boolean;
  readonly isShort: boolean;
  /** Average price of the entry; undefined while flat. */
  readonly entry: number | undefined;
  /** Where its stop stands; undefined without one. */
  readonly stop: number | undefined;
  /** Unrealised profit in multiples of the first risk; undefined without a stop. */
  readonly r: number | undefined;
  /** Signed, in base currency. */
  readonly size: Decimal;
}

/** Scales in, under the exits of the position. `stop` moves the stop of all of it. */
export type AddOrder = SizeOf<EntryOrder> & {
  readonly why: string;
  readonly values?: Values;
  readonly entry?: LimitEntry | StopEntry;
  readonly stop?: Price;
};
type SizeOf<T> = T extends unknown ? Omit<T, 'why' | 'values' | 'entry' | keyof Exits> : never;

/** Scales out: a share of what is open, now or at a limit. */
export interface ReduceOrder {
  readonly why: string;
  readonly values?: Values;
  readonly share: Share;
  readonly entry?: LimitEntry;
}

/** How the position is left from now on; what is absent stays. */
export type ExitChange = Partial<Exits> & { readonly why: string };

/** What a strategy may ask beside its one wish: carried out as it is asked. */
export interface FreeVerbs {
  add(order: AddOrder): void;
  reduce(order: ReduceOrder): void;
  exits(change: ExitChange): void;
  bars(timeframe: string): BuiltBar | undefined;
}

/**
 * What `onBar` is handed. There is no clock in it and nothing of the future. At most one of `long`, `short`, `either`,
 * `flat` and `hold` may be asked for a bar.
 */
export interface BarContext<P> {
  readonly symbol: string;
  readonly bar: StrategyBar;
  readonly params: P;
  readonly position: StrategyPosition;
  /** Newest finished bar of another timeframe that `setup` has named with `on`; undefined before the first. */
  readonly bars: (timeframe: string) => StrategyBar | undefined;
  /**
   * Enters long. Against a short it closes that first and enters once it is gone. Asked again while its entry rests, it
   * brings that to the new terms; the entry's time is not begun anew.
   */
  readonly long: (order: EntryOrder) => void;
  /** Enters short, likewise. */
  readonly short: (order: EntryOrder) => void;
  /** Two entries that wait for a price, each with its exits: the first execution of one ends the other. */
  readonly either: (orders: { readonly long: EntryOrder; readonly short: EntryOrder }) => void;
  /** Ends entries that rest, and closes the position. */
  readonly flat: (why: string) => void;
  /** Does nothing, and says why: `explain` counts the reasons. `values` stand beside it. */
  readonly hold: (why: string, values?: Values) => void;
  /** Scales in, under the exits of the position; without one it is turned away. */
  readonly add: (order: AddOrder) => void;
  /** Scales out; without a position nothing is asked. */
  readonly reduce: (order: ReduceOrder) => void;
  /** Leaves the position otherwise; what is absent stays. A stop that is moved stands before the old one leaves. */
  readonly exits: (change: ExitChange) => void;
}

export interface Wish {
  readonly action: 'long' | 'short' | 'either' | 'flat' | 'hold';
  readonly why: string;
  /** Of an entry. */
  readonly order?: EntryOrder;
  /** Of two entries: `order` is the long one. */
  readonly short?: EntryOrder;
}

/** Reasons of holds that are kept as one object each. */
const KEPT_REASONS = 64;

/** One symbol's `onBar` context, filled in anew for every bar. */
export class BarDesk implements BarContext<unknown> {
  readonly symbol: string;
  readonly bar = new BarView();
  readonly position: PositionView;
  /** Marks as prices: by the whole number of them in one, where there is one, so that 100.1 comes out as 100.1. */
  readonly priceOf: (mark: number) => number;
  private asked: Wish | undefined;
  private readonly others = new Map<string, BarView>();
  private readonly holds = new Map<string, Decision>();

  constructor(
    instrument: Instrument,
    readonly params: unknown,
    private readonly verbs: FreeVerbs,
  ) {
    this.symbol = instrument.symbol;
    this.position = new PositionView();
    const unit = instrument.markPrice(1 as Parameters<Instrument['markPrice']>[0]);
    const inOne = new Decimal(1).div(unit);
    const factor = inOne.isInteger() ? inOne.toNumber() : unit.toNumber();
    this.priceOf = inOne.isInteger() ? (mark) => mark / factor : (mark) => mark * factor;
  }

  open(bar: BuiltBar, position: Position, stop: number | undefined, multiple?: number): void {
    this.bar.show(bar);
    this.position.of = position;
    this.position.stop = stop;
    this.position.r = multiple;
    this.asked = undefined;
  }

  wish(): Wish | undefined {
    return this.asked;
  }

  readonly long = (order: EntryOrder): void => this.ask({ action: 'long', why: order.why, order });
  readonly short = (order: EntryOrder): void => this.ask({ action: 'short', why: order.why, order });
  readonly either = ({ long, short }: { readonly long: EntryOrder; readonly short: EntryOrder }): void => {
    for (const { entry } of [long, short])
      if (entry === undefined || entry.kind === 'chase')
        throw fault('STRAT-001', 'Both entries of either must wait for a price: entry: stopEntry(…) or limit(…).');
    assertWhy('short', short.why);
    this.ask({ action: 'either', why: long.why, order: long, short });
  };
  readonly flat = (why: string): void => this.ask({ action: 'flat', why });
  readonly hold = (why: string): void => this.ask({ action: 'hold', why });
  readonly add = (order: AddOrder): void => {
    assertWhy('add', order.why);
    this.verbs.add(order);
  };
  readonly reduce = (order: ReduceOrder): void => {
    assertWhy('reduce', order.why);
    this.verbs.reduce(order);
  };
  readonly exits = (change: ExitChange): void => {
    assertWhy('exits', change.why);
    this.verbs.exits(change);
  };
  readonly bars = (timeframe: string): StrategyBar | undefined => {
    const bar = this.verbs.bars(timeframe);
    if (bar === undefined) return undefined;
    let view = this.others.get(timeframe);
    if (view === undefined) this.others.set(timeframe, (view = new BarView()));
    view.show(bar);
    return view;
  };

  /** One object for each reason: a hold that is repeated is journaled once. */
  held(why: string): Decision {
    let decision = this.holds.get(why);
    if (decision === undefined) {
      decision = hold(why);
      if (this.holds.size < KEPT_REASONS) this.holds.set(why, decision);
    }
    return decision;
  }

  private ask(wish: Wish): void {
    assertWhy(wish.action, wish.why);
    if (this.asked !== undefined)
      throw fault('STRAT-001', `onBar must ask for one thing a bar, was ${this.asked.action} and ${wish.action}.`);
    this.asked = wish;
  }
}

class BarView {
  at = 0;
  open = NaN;
  high = NaN;
  low = NaN;
  close = NaN;
  volume: number | undefined = undefined;
  madeOf: 'bars' | 'marks' = 'marks';

  show(bar: BuiltBar): void {
    showBar(this, bar);
    this.volume = Number.isNaN(bar.volume) ? undefined : bar.volume;
  }
}

function assertWhy(verb: string, why: unknown): void {
  if (typeof why !== 'string' || why.trim() === '')
    throw fault('STRAT-001', `${verb} must say why, was ${JSON.stringify(why)}.`);
}

class PositionView implements StrategyPosition {
  of: Position | undefined;
  stop: number | undefined;
  r: number | undefined;

  get isFlat(): boolean {
    return this.lots === 0;
  }

  get isLong(): boolean {
    return this.lots > 0;
  }

  get isShort(): boolean {
    return this.lots < 0;
  }

  get entry(): number | undefined {
    return this.of?.entryPrice?.toNumber();
  }

  get size(): Decimal {
    return this.of?.size ?? new Decimal(0);
  }

  private get lots(): number {
    return this.of?.lots ?? 0;
  }
}

// What is asked for and not there is no silent undefined.
for (const [name, { prototype }] of [
  ['onBar', BarDesk],
  ['bar', BarView],
  ['position', PositionView],
] as const)
  Object.setPrototypeOf(prototype, refusing(name));
