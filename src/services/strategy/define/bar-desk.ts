import { Decimal } from '../../../domain/decimal.js';
import { hold, type Decision } from '../../../domain/decision.js';
import { fault } from '../../../domain/errors.js';
import type { Instrument } from '../../../domain/instrument.js';
import type { Position } from '../../../domain/position.js';
import { refusing } from '../refusing.js';
import type { BuiltBar } from './bar-builder.js';
import type { EntryOrder } from './entry-order.js';

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

/**
 * What `onBar` is handed. There is no clock in it and nothing of the future. At most one of the four may be asked for a
 * bar.
 */
export interface BarContext<P> {
  readonly symbol: string;
  readonly bar: StrategyBar;
  readonly params: P;
  readonly position: StrategyPosition;
  /** Enters long. Against a short it closes that first and enters once it is gone. */
  readonly long: (order: EntryOrder) => void;
  /** Enters short, likewise. */
  readonly short: (order: EntryOrder) => void;
  /** Closes the position. */
  readonly flat: (why: string) => void;
  /** Does nothing, and says why: `explain` counts the reasons. */
  readonly hold: (why: string) => void;
}

export interface Wish {
  readonly action: 'long' | 'short' | 'flat' | 'hold';
  readonly why: string;
  /** Of an entry. */
  readonly order?: EntryOrder;
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
  order: EntryOrder | undefined;
  reversal: 'long' | 'short' | undefined;
  private asked: Wish | undefined;
  private readonly holds = new Map<string, Decision>();

  constructor(
    instrument: Instrument,
    readonly params: unknown,
  ) {
    this.symbol = instrument.symbol;
    this.position = new PositionView();
    const unit = instrument.markPrice(1 as Parameters<Instrument['markPrice']>[0]);
    const inOne = new Decimal(1).div(unit);
    const factor = inOne.isInteger() ? inOne.toNumber() : unit.toNumber();
    this.priceOf = inOne.isInteger() ? (mark) => mark / factor : (mark) => mark * factor;
  }

  open(bar: BuiltBar, position: Position, stop: number | undefined, multiple?: number): void {
    const { bar: seen } = this;
    seen.at = bar.at;
    seen.open = bar.open;
    seen.high = bar.high;
    seen.low = bar.low;
    seen.close = bar.close;
    seen.volume = Number.isNaN(bar.volume) ? undefined : bar.volume;
    seen.madeOf = bar.recorded ? 'bars' : 'marks';
    this.position.of = position;
    this.position.stop = stop;
    this.position.r = multiple;
    this.asked = undefined;
    this.order = undefined;
  }

  wish(): Wish | undefined {
    return this.asked;
  }

  readonly long = (order: EntryOrder): void => this.ask({ action: 'long', why: order.why, order });
  readonly short = (order: EntryOrder): void => this.ask({ action: 'short', why: order.why, order });
  readonly flat = (why: string): void => this.ask({ action: 'flat', why });
  readonly hold = (why: string): void => this.ask({ action: 'hold', why });

  /** The entry that was asked for waits until the position it is against is gone, at most to the next bar. */
  reverseLater(): void {
    if (this.asked?.action === 'long' || this.asked?.action === 'short') this.reversal = this.asked.action;
  }

  forgetReversal(): void {
    this.reversal = undefined;
  }

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
    if (typeof wish.why !== 'string' || wish.why.trim() === '')
      throw fault('STRAT-001', `${wish.action} must say why, was ${JSON.stringify(wish.why)}.`);
    if (this.asked !== undefined)
      throw fault('STRAT-001', `onBar must ask for one thing a bar, was ${this.asked.action} and ${wish.action}.`);
    this.asked = wish;
    this.order = wish.order;
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
