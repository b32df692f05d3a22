import type { Decision } from '../../domain/decision.js';
import type { Fill } from '../../domain/order.js';
import type { Position } from '../../domain/position.js';
import type { Json } from '../../ports/storage/event-store.js';
import type { EventStrategy } from '../../ports/strategy/event-strategy.js';
import { tapedStrategy } from './intent-tape.js';
import type { AnswerTape } from './taped-decision.js';
import type { Strategy, StrategyContext, StrategyDefinition } from '../../ports/core-services/strategy.js';

/**
 * A definition whose strategies write down every answer; otherwise it is the one it was made of. Under a `name` of its
 * own where that one is registered as well: two of one name would be refused.
 */
export function taped(definition: StrategyDefinition, tape: AnswerTape, name = definition.name): StrategyDefinition {
  const { parameters, ranges, timeframeMs, sizesWithin, event } = definition;
  return {
    name,
    parameters,
    ...(ranges === undefined ? {} : { ranges }),
    ...(timeframeMs === undefined ? {} : { timeframeMs }),
    ...(definition.timeframeFor === undefined
      ? {}
      : { timeframeFor: (settings) => definition.timeframeFor?.(settings) }),
    ...(sizesWithin === undefined ? {} : { sizesWithin }),
    ...(event === undefined ? {} : { event }),
    lookback: (settings, intervalMs) => definition.lookback(settings, intervalMs),
    create: (settings, intervalMs, limits) => new TapedStrategy(definition.create(settings, intervalMs, limits), tape),
  };
}

class TapedStrategy implements Strategy {
  readonly name: string;
  readonly lookback: number;
  readonly needsSnapshot: boolean;
  private readonly told = new Map<EventStrategy, EventStrategy>();
  declare readonly protection?: NonNullable<Strategy['protection']>;
  declare readonly plannedProtection?: NonNullable<Strategy['plannedProtection']>;
  declare readonly metrics?: NonNullable<Strategy['metrics']>;
  declare readonly events?: NonNullable<Strategy['events']>;

  constructor(
    private readonly inner: Strategy,
    private readonly tape: AnswerTape,
  ) {
    ({ name: this.name, lookback: this.lookback, needsSnapshot: this.needsSnapshot } = inner);
    if (inner.protection !== undefined) this.protection = (symbol, position) => inner.protection?.(symbol, position);
    if (inner.plannedProtection !== undefined)
      this.plannedProtection = (symbol, side) => inner.plannedProtection?.(symbol, side);
    if (inner.events !== undefined) this.events = (symbol) => this.tapedEvents(symbol);
    if (inner.metrics !== undefined) this.metrics = () => inner.metrics?.() ?? {};
  }

  decide(context: StrategyContext): Decision {
    const decision = this.inner.decide(context);
    const { symbol } = context.instrument;
    const { action, reason, ...terms } = decision;
    this.tape.push({
      at: context.now,
      symbol,
      action,
      reason,
      terms: JSON.stringify(terms),
      detail: this.inner.explain?.(symbol),
    });
    return decision;
  }

  /** Its desk writes down every intent; everything else is the strategy's own. */
  private tapedEvents(symbol: string): EventStrategy {
    const strategy = this.inner.events?.(symbol);
    if (strategy === undefined) throw new TypeError(`${this.name} must be told of ${symbol}, and has no events.`);
    let kept = this.told.get(strategy);
    if (kept === undefined)
      this.told.set(strategy, (kept = tapedStrategy(strategy, symbol, this.tape, () => this.inner.explain?.(symbol))));
    return kept;
  }

  onFill(fill: Fill, position: Position): void {
    this.inner.onFill(fill, position);
  }

  snapshot(symbol: string): Json | undefined {
    return this.inner.snapshot(symbol);
  }

  restore(symbol: string, state: Json): void {
    this.inner.restore(symbol, state);
  }

  explain(symbol: string): string {
    return this.inner.explain?.(symbol) ?? '';
  }
}
