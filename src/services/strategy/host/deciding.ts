import type { Decision } from '../../../domain/decision.js';
import type { StrategyContext } from '../../../ports/core-services/strategy.js';
import type { EventStrategy } from '../../../ports/strategy/event-strategy.js';
import type { ShortDesk } from './short-desk.js';

/**
 * A strategy of the short form: its plain entries and closes are decisions, and go their way; whatever else it asks
 * goes through its desk.
 */
export interface DecidingStrategy extends EventStrategy {
  /**
   * One step. `isAsked` is false while something keeps the symbol from being decided on: exits are looked after all
   * the same. Undefined: what it asked of its desk stands for the step.
   */
  decide(context: StrategyContext, desk: ShortDesk, isAsked: boolean): Decision | undefined;
  /** Takes what a step shows, before anything of its instant is told: whoever is told of it sees its bars. */
  see(context: StrategyContext): void;
  /** It is told of orders too that have no name: those of its decisions, and the stops that the bot keeps for it. */
  readonly hearsAll: boolean;
}

export const isDeciding = (strategy: EventStrategy): strategy is DecidingStrategy => 'decide' in strategy;
