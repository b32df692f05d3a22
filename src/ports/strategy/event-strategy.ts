import type { Instrument } from '../../domain/instrument.js';
import type { Fill } from '../../domain/order.js';
import type { Lots, MarkUnits } from '../../domain/units.js';
import type { StrategySettings } from '../configuration/settings/strategy-settings.js';
import type { Json } from '../storage/event-store.js';
import type { ParameterRange } from './parameter-range.js';
import type { OrderTicket, TicketStatus } from './order-ticket.js';
import type { StrategyBook, StrategyDesk, StrategyGate } from './strategy-desk.js';

/** What must be there before the first event. Known before a run begins. */
export interface StrategyNeeds {
  /** Symbols, in the order in which they are looked at. */
  readonly symbols: readonly string[];
  readonly timeframes: readonly { readonly ms: number; readonly lookback: number }[];
}

/**
 * A finished bar. One object a timeframe, reused: copy what you keep. Prices in ticks of the instrument, NaN where not
 * known.
 */
export interface BarEvent {
  readonly instrument: Instrument;
  readonly timeframeMs: number;
  /** Its close. Before `desk.now` for bars of the warm-up and of a pause: nothing can be asked on those. */
  readonly at: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  /** In base currency; NaN where not known. */
  readonly volume: number;
  readonly madeOf: 'bars' | 'marks';
}

/** The value that the account is valued at, as a step of the bot shows it. One object, reused. */
export interface StrategyMark {
  readonly instrument: Instrument;
  readonly mark: MarkUnits;
  readonly at: number;
}

/** What changed of an order: its ticket, and what it was before. */
export interface OrderUpdate {
  readonly ticket: OrderTicket;
  readonly previous: TicketStatus;
  readonly cause:
    | 'accepted'
    | 'rejected'
    | 'unknown'
    | 'resolved'
    | 'filled'
    | 'amended'
    /** A change that was asked is not made: it goes on, or has ended, under its old terms. */
    | 'amend_refused'
    | 'cancelled'
    | 'expired'
    | 'lost'
    | 'liquidated';
  readonly reason: string | undefined;
  readonly at: number;
}

/** The own book has changed for another reason than a fill of an own order. */
export interface PositionChange {
  readonly position: StrategyBook;
  readonly before: Lots;
  readonly cause: 'liquidation' | 'adl' | 'settlement' | 'external';
  readonly at: number;
}

export interface TimerEvent {
  readonly name: string;
  /** When it was due; `at - dueAt` is how late it came. */
  readonly dueAt: number;
  readonly at: number;
  /** Times a repeating timer was due since its last call beyond this one: it is called once, not once for each. */
  readonly missed: number;
}

/**
 * What becomes of a strategy's orders and positions when the bot goes down. `protect`: entries end, positions stay with
 * their stops. `flatten`: positions are closed at market too, within `tasks.stopBudget`. `keep`: every order stays.
 */
export type StoppingChoice = 'protect' | 'flatten' | 'keep';

/** Why a strategy starts with something in its hands. */
export interface Restart {
  /** Its open orders, found again by tag; each `ticket.tag` as it was given. */
  readonly orders: readonly OrderTicket[];
  /** What became of its orders while it was away, in order; it has been applied. */
  readonly missed: readonly OrderUpdate[];
}

/**
 * A strategy by events. Every handler is optional: one that is absent costs nothing. Synchronous, no I/O, the same
 * class in backtest, paper and live. Of one instant a strategy is told what came of its orders, then what timers are
 * due, then the bars, longest first, then the step, then the mark; what it asks is answered in hand, and no handler
 * runs inside another.
 */
export interface EventStrategy {
  readonly name: string;
  readonly needs: StrategyNeeds;
  /** How it goes down with the bot. Absent: `protect`. `execution.onShutdown: keep` goes before it. */
  readonly onStopping?: StoppingChoice;
  /** After state and orders are back and cover stands, before any market event. */
  onStart?(desk: StrategyDesk, restart: Restart | undefined): void;
  /** The bot is going down: only what reduces is sent, and once it has returned only what protects. */
  onStop?(desk: StrategyDesk, reason: string): void;
  onBar?(bar: BarEvent, desk: StrategyDesk): void;
  /** After all bars of an instant: at the end of every step. */
  onStep?(desk: StrategyDesk): void;
  onMark?(mark: StrategyMark, desk: StrategyDesk): void;
  onOrder?(update: OrderUpdate, desk: StrategyDesk): void;
  /** After the position has it, before `onOrder` of the same fill. */
  onFill?(fill: Fill, ticket: OrderTicket, desk: StrategyDesk): void;
  onPosition?(change: PositionChange, desk: StrategyDesk): void;
  onTimer?(timer: TimerEvent, desk: StrategyDesk): void;
  onGate?(gate: StrategyGate, desk: StrategyDesk): void;
  /** Everything that must survive a restart; undefined when there is nothing. Orders are not part of it. */
  snapshot(): Json | undefined;
  restore(state: Json): void;
  metrics?(): Readonly<Record<string, number>>;
  explain?(symbol: string): string;
}

/** Makes a strategy by events, one for each symbol. `eventStrategy` gives it the form in which strategies are bound. */
export interface EventStrategyDefinition {
  readonly name: string;
  /** Names of the parameters it knows, for the error about an unknown one. */
  readonly parameters: readonly string[];
  /** What a sweep may try, by parameter. */
  readonly ranges?: Readonly<Record<string, ParameterRange>>;
  /** Asked once for a symbol, and once more for what it needs before any symbol is known. */
  create(settings: StrategySettings, symbols: readonly string[]): EventStrategy;
}
