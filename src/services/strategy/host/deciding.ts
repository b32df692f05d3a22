import type { Decision } from '../../../domain/decision.js';
import type { StrategyContext } from '../../../ports/core-services/strategy.js';
import type { EventStrategy } from '../../../ports/strategy/event-strategy.js';
import type { StrategyDesk } from '../../../ports/strategy/strategy-desk.js';

/**
 * A strategy of the short form: its plain entries and closes are decisions, and go their way; whatever else it asks
 * goes through its desk.
 */
export interface DecidingStrategy extends EventStrategy {
  /**
   * One step. `isAsked` is false while something keeps the symbol from being decided on: exits are looked after all
   * the same. Undefined: what it asked of its desk stands for the step.
   */
  decide(context: StrategyContext, desk: StrategyDesk, isAsked: boolean): Decision | undefined;
}

export const isDeciding = (strategy: EventStrategy): strategy is DecidingStrategy => 'decide' in strategy;
