import type { Instrument } from '../../domain/instrument.js';
import type { OrderChange, Values } from '../../domain/order.js';
import type { Position } from '../../domain/position.js';
import type { Lots, MarkUnits, Units } from '../../domain/units.js';
import type { Intent, IntentList, OrderFilter, Why } from './intent.js';
import type { CancelAsk, ChangeAsk, OrderTicket } from './order-ticket.js';

/** Whether a strategy may act, and why not. */
export interface StrategyGate {
  /**
   * `trading`: everything. `reduce_only`: what shrinks, and cancellations. `halted`: protection, and cancellations of
   * what does not protect.
   */
  readonly mode: 'trading' | 'reduce_only' | 'halted';
  /** The name `explain` shows, such as `safety:REDUCE_ONLY` or `stale_mark`; undefined while trading. */
  readonly name: string | undefined;
}

/** What a strategy holds of one symbol. While one strategy alone trades a symbol it is the account's position. */
export interface StrategyBook {
  readonly instrument: Instrument;
  readonly lots: Lots;
  readonly cost: Units;
  readonly openedAt: number | undefined;
  /**
   * What it has brought so far: price profit, fees and funding, all that was booked for the symbol. Undefined where
   * nobody counts it.
   */
  readonly net: Units | undefined;
}

/**
 * The one door out of a strategy, and its view of itself. Every call is synchronous and returns at once; what it leads
 * to comes back as events. No call ever runs another handler of the same strategy before it returns.
 */
export interface StrategyDesk {
  /** Time of the event being handled; there is no other clock. */
  readonly now: number;
  readonly gate: StrategyGate;
  readonly equity: Units;
  /** Equity that no position ties up; below zero when there is none. */
  readonly available: Units;
  /**
   * What the strategy has brought so far, price profit, fees and funding: all that was booked for its symbol. Absent
   * where nobody counts it.
   */
  readonly result?: Units | undefined;
  /** Throws STRAT-001 for a symbol that is not among the strategy's needs. */
  instrument(symbol: string): Instrument;
  book(symbol: string): StrategyBook;
  /** The account's own position, foreign parts included. */
  account(symbol: string): Position;
  mark(symbol: string): MarkUnits | undefined;
  /**
   * The position is gone, and orders that could reduce the next one still stand: whoever enters now may be taken off by
   * an exit of before.
   */
  isLeaving(symbol: string): boolean;

  /** One order. What is turned away is said on the ticket, and nothing more comes of it. */
  place(intent: Intent): OrderTicket;
  /** Several that belong together: all of them are sent, or none, and then each ticket says the first refusal. */
  placeList(list: IntentList): readonly OrderTicket[];
  /**
   * Asks for other terms of an open order, which keeps its ticket and what it has filled: in place where the venue
   * changes orders of its kind, else it is cancelled and its rest sent anew.
   */
  amend(ticket: OrderTicket, change: OrderChange & Why): ChangeAsk;
  /** A protecting order of an open position stays, unless something else protects as much. */
  cancel(ticket: OrderTicket, why: string): CancelAsk;
  /** Returns how many were asked to end. Protecting orders of an open position stay. */
  cancelAll(filter: OrderFilter, why: string): number;
  /**
   * Ends what rests and does not protect, and closes the strategy's own part at market, cut to what is left to close.
   * While a close is under way it is the answer. Undefined: nothing to close.
   */
  close(symbol: string, why: Why): OrderTicket | undefined;
  /** Says why nothing is done: `explain` counts it. Allocates nothing after a reason's first time. */
  hold(symbol: string, why: string, values?: Values): void;

  /** Own orders that may still execute, oldest first. */
  open(filter?: OrderFilter): readonly OrderTicket[];
  /** The open order of a tag, else its newest. */
  find(tag: string): OrderTicket | undefined;

  /** One shot at `now + ms`, or again every `ms` at multiples of it since the epoch. Setting a name again moves it. */
  setTimer(name: string, ms: number, repeat?: boolean): void;
  clearTimer(name: string): void;
}
