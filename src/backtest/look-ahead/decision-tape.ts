import type { Decision } from '../../domain/decision.js';
import type { Fill } from '../../domain/order.js';
import type { Position } from '../../domain/position.js';
import type { Json } from '../../ports/storage/event-store.js';
import type { Strategy, StrategyContext, StrategyDefinition } from '../../ports/core-services/strategy.js';

/** What a strategy answered at one step. */
export interface TapedDecision {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly symbol: string;
  readonly action: Decision['action'];
  readonly reason: string;
  /** Size, prices and flags: everything beside action and reason, as text. */
  readonly terms: string;
  /** What the strategy says it rests on. */
  readonly detail: string | undefined;
}

/**
 * A definition whose strategies write down every answer; otherwise it is the one it was made of. Under a `name` of its
 * own where that one is registered as well: two of one name would be refused.
 */
export function taped(
  definition: StrategyDefinition,
  tape: TapedDecision[],
  name = definition.name,
): StrategyDefinition {
  const { parameters, ranges, timeframeMs, sizesWithin } = definition;
  return {
    name,
    parameters,
    ...(ranges === undefined ? {} : { ranges }),
    ...(timeframeMs === undefined ? {} : { timeframeMs }),
    ...(sizesWithin === undefined ? {} : { sizesWithin }),
    lookback: (settings, intervalMs) => definition.lookback(settings, intervalMs),
    create: (settings, intervalMs, limits) => new TapedStrategy(definition.create(settings, intervalMs, limits), tape),
  };
}

class TapedStrategy implements Strategy {
  readonly name: string;
  readonly lookback: number;
  readonly needsSnapshot: boolean;
  declare readonly protection?: NonNullable<Strategy['protection']>;
  declare readonly plannedProtection?: NonNullable<Strategy['plannedProtection']>;
  declare readonly metrics?: NonNullable<Strategy['metrics']>;

  constructor(
    private readonly inner: Strategy,
    private readonly tape: TapedDecision[],
  ) {
    ({ name: this.name, lookback: this.lookback, needsSnapshot: this.needsSnapshot } = inner);
    if (inner.protection !== undefined) this.protection = (symbol, position) => inner.protection?.(symbol, position);
    if (inner.plannedProtection !== undefined) this.plannedProtection = (symbol) => inner.plannedProtection?.(symbol);
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
