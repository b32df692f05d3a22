import type { Decision } from '../../domain/decision.js';
import { token } from '../../injection/token.js';
import type { Strategy, StrategyContext } from '../core-services/strategy.js';
import type { Lifecycle } from '../market-services/lifecycle.js';
import type { OrderTicket } from './order-ticket.js';
import type { StrategyGate } from './strategy-desk.js';

/** Tells strategies by events what happens, one event at a time, and carries what they ask to execution. */
export interface StrategyHost extends Lifecycle {
  /** Takes a strategy in, where it is one by events; others are left as they are. Idempotent. */
  take(symbol: string, strategy: Strategy): void;
  /**
   * One step of its symbol; returns what it came to, in the words of decisions. `isAsked` is false while something
   * keeps the symbol from being decided on: what happens is told all the same. Absent: true.
   */
  step(context: StrategyContext, gate: StrategyGate, isAsked?: boolean): Decision;
  /** When the next timer of a strategy is due; Infinity without any. */
  readonly nextTimerAt: number;
  /** Calls what is due by now. */
  fireTimers(now: number): void;
  /** Orders that the strategy of a symbol has asked for and that may still execute. */
  tickets(symbol: string): readonly OrderTicket[];
}
export const StrategyHost = token<StrategyHost>('StrategyHost');
