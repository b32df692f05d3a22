import type { Decision } from '../../domain/decision.js';
import { token } from '../../injection/token.js';
import type { Submission } from '../core-services/execution.js';
import type { Strategy, StrategyContext } from '../core-services/strategy.js';
import type { Operator, SuspendedStrategy } from '../core-services/operator-control.js';
import type { Lifecycle } from '../market-services/lifecycle.js';
import type { Payload } from '../storage/event-store.js';
import type { OrderTicket } from './order-ticket.js';
import type { StrategyGate } from './strategy-desk.js';

/** What a strategy was stopped for: it threw, it went on asking for what was refused, or it asked for too much. */
export type SuspensionCheck = 'faults' | 'storm' | 'order_rate';

/** A strategy that may enter no more until a person lets it. */
export interface Suspension extends SuspendedStrategy {
  readonly strategy: string;
  readonly symbol: string;
  readonly check: SuspensionCheck;
}

/** How long the handlers of a strategy took, in host time. */
export interface HandlerReport {
  readonly calls: number;
  /** Calls beyond `strategy.budget`. */
  readonly overBudget: number;
  /** Microseconds; at most a fifth too long. */
  readonly p50Us: number;
  readonly p99Us: number;
  readonly worstUs: number;
  /** What it was told of when it took longest, and when that was, in world time. */
  readonly worstHandler: string;
  readonly worstAt: number;
}

/** Tells strategies by events what happens, one event at a time, and carries what they ask to execution. */
export interface StrategyHost extends Lifecycle {
  /** Takes a strategy in, where it is one by events; others are left as they are. Idempotent. */
  take(symbol: string, strategy: Strategy): void;
  /**
   * One step of its symbol; returns what it came to, in the words of decisions. `isAsked` is false while something
   * keeps the symbol from being decided on: what happens is told all the same. Absent: true.
   */
  step(context: StrategyContext, gate: StrategyGate, isAsked?: boolean): Decision;
  /** A decision of a step is handed over now, until `answered`. Absent: none stands in the journal as an intent. */
  decides?(context: StrategyContext, strategy: string, decision: Decision): void;
  /**
   * What became at once of the decision that a step of its symbol came to, where that was to be sent. Absent: tickets
   * of such decisions know it from the order alone.
   */
  answered?(symbol: string, submission: Submission): void;
  /** When the next timer of a strategy is due; Infinity without any. */
  readonly nextTimerAt: number;
  /** Calls what is due by now. */
  fireTimers(now: number): void;
  /** Orders that the strategy of a symbol has asked for and that may still execute. */
  tickets(symbol: string): readonly OrderTicket[];
  /**
   * Those that have been stopped: they are told of everything, what can increase is refused, exits go on. Absent: none
   * ever is.
   */
  suspended?(): readonly Suspension[];
  /**
   * Lets one go on, named by its instance or by its strategy, once that is on disk. `more` stands in the journal's
   * record. Rejects with CTRL-002 where `id` names no suspended one.
   */
  resumeSuspended?(id: string, by: Operator, more?: Payload): Promise<Suspension>;
  /** True where the orders of a symbol stay as they are when the bot goes down. Absent: nowhere. */
  keeps?(symbol: string): boolean;
  /** By instance, of this run; empty where the journal keeps nothing, as in backtests: host time is in no result. */
  handlerTimes?(): ReadonlyMap<string, HandlerReport>;
}
export const StrategyHost = token<StrategyHost>('StrategyHost');
