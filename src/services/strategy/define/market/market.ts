import type { Decimal } from '../../../../domain/decimal.js';
import type { Instrument } from '../../../../domain/instrument.js';
import type { Values } from '../../../../domain/order.js';
import type { Why } from '../../../../ports/strategy/intent.js';
import type { OrderTicket } from '../../../../ports/strategy/order-ticket.js';
import type { ChaseEntry, Entry, LimitEntry } from '../entries/entry-kinds.js';
import type { EntryOrder, Exits } from '../entries/entry-order.js';
import type { Price } from '../price.js';
import type { Share } from '../share.js';
import type { MarketOrders } from './orders.js';

/**
 * A finished bar as a handler sees it. Prices are plain numbers: they inform, they are never paid. One object, reused.
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

/** The strategy's own position. Numbers inform; `size` and `unrealised` are exact. */
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
  /** Signed, in base currency or contracts. */
  readonly size: Decimal;
  /** The same as a plain number. */
  readonly quantity: number;
  /** Signed value at the mark, in settlement currency; NaN without a mark. */
  readonly notional: number;
  /** At the mark, before fees and funding, in settlement currency; nought while flat, NaN without a mark. */
  readonly unrealised: Decimal;
  /** When it was opened, epoch milliseconds; undefined while flat. */
  readonly openedAt: number | undefined;
  /** Bars of the strategy's timeframe that have ended since its first fill; 0 while flat. */
  readonly bars: number;
  /** Entries and additions that have filled, in part too, since it was flat; 0 while flat. */
  readonly entries: number;
}

/** Scales in, under the exits of the position. `stop` moves the stop of all of it. */
export type AddOrder = Why &
  SizeOf<EntryOrder> & {
    readonly entry?: Entry;
    readonly stop?: Price;
    /** The strategy's own name for it. Default `add`. */
    readonly tag?: string;
  };
type SizeOf<T> = T extends unknown ? Omit<T, keyof Why | 'entry' | 'tag' | keyof Exits> : never;

/** Scales out: a share of what is open, now, at a limit, or at one that follows the mark. */
export interface ReduceOrder extends Why {
  readonly share: Share;
  /** What goes to the market by its `then` does so as another order of its tag. */
  readonly entry?: LimitEntry | ChaseEntry;
}

/** How the position is left from now on; what is absent stays. */
export type ExitChange = Partial<Exits> & Why;

/** Two entries, each with its exits. */
export interface EitherOrders {
  readonly long: EntryOrder;
  readonly short: EntryOrder;
}

/**
 * One instrument in the eyes of one strategy: its market, the strategy's position, and the verbs. A verb answers with a
 * ticket at once, also where it comes to nothing: that one is `refused`, and says why. What cannot be read as an order
 * at all throws STRAT-001. Verbs are asked in a handler, and throw STRAT-001 elsewhere.
 */
export interface StrategyMarket {
  readonly symbol: string;
  readonly instrument: Instrument;
  /** Newest finished bar of the strategy's own timeframe; NaN and `at` 0 before the first. One object, reused. */
  readonly bar: StrategyBar;
  /** Newest finished bar of another timeframe that `setup` has named with `on`; undefined before the first. */
  readonly bars: (timeframe: string) => StrategyBar | undefined;
  /** False where a later bar of that timeframe has ended, and nothing was seen of it; and before the first. */
  readonly isCurrent: boolean;
  /** What the account is valued at; NaN where it is not known. */
  readonly mark: number;
  readonly position: StrategyPosition;
  readonly orders: MarketOrders;

  /**
   * Enters long. Against a short it closes that first and enters once it is gone; the ticket is `planned` until then,
   * and `expired` where it is not gone within the bar, or its exits within 30 s more. Asked again while its entry
   * rests, it brings that to the new terms, and answers with its ticket; the entry's time is not begun anew. At most
   * one of `long`, `short`, `either`, `flat` and `hold` in one handler: a second throws STRAT-001.
   */
  readonly long: (order: EntryOrder) => OrderTicket;
  /** Enters short, likewise. */
  readonly short: (order: EntryOrder) => OrderTicket;
  /** Two entries that wait for a price, each with its exits: the first execution of one ends the other. */
  readonly either: (orders: EitherOrders) => readonly [long: OrderTicket, short: OrderTicket];
  /**
   * Ends entries that rest, and closes the position. Undefined: there is nothing to close, or what rests must end
   * first; the close then follows by itself.
   */
  readonly flat: (why: string | Why) => OrderTicket | undefined;
  /** Does nothing, and says why: `explain` counts the reasons. `values` stand beside it. */
  readonly hold: (why: string, values?: Values) => void;

  /** Scales in, under the exits of the position; without one it is refused. */
  readonly add: (order: AddOrder) => OrderTicket;
  /**
   * Scales out. What take-profits hold of it follows when they have given way, as another order of its tag. Undefined:
   * nothing is open, or less than one step of it was meant.
   */
  readonly reduce: (order: ReduceOrder) => OrderTicket | undefined;
  /** Leaves the position otherwise; what is absent stays. A stop that is moved stands before the old one leaves. */
  readonly exits: (change: ExitChange) => void;
}
