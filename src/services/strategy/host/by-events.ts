import { hold, type Decision } from '../../../domain/decision.js';
import { fault } from '../../../domain/errors.js';
import type { StrategySettings } from '../../../ports/configuration/settings/strategy-settings.js';
import type { Strategy, StrategyDefinition } from '../../../ports/core-services/strategy.js';
import type { EventStrategy, EventStrategyDefinition, StrategyNeeds } from '../../../ports/strategy/event-strategy.js';
import type { Json } from '../../../ports/storage/event-store.js';
import { valuesPerBar } from '../define/values-per-bar.js';

const TOLD = hold('Strategies by events are told by their host');

/** A definition by events in the form in which every strategy is bound, configured, swept and loaded. */
export const eventStrategy = (definition: EventStrategyDefinition): StrategyDefinition => {
  const { name, parameters, ranges } = definition;
  return {
    name,
    parameters,
    ...(ranges === undefined ? {} : { ranges }),
    event: definition,
    lookback: (settings, intervalMs) => lookbackOf(name, definition.create(settings, []).needs, intervalMs),
    warmUp: (settings) =>
      definition.create(settings, []).needs.timeframes.map(({ ms, lookback }) => ({ ms, bars: Math.max(1, lookback) })),
    create: (settings, intervalMs) => new ByEvents(definition, settings, intervalMs),
  };
};

/** Stands where a strategy that decides would stand, and hands out the one that is told. */
class ByEvents implements Strategy {
  readonly name: string;
  readonly lookback: number;
  readonly needsSnapshot = false;
  private readonly made = new Map<string, EventStrategy>();

  constructor(
    private readonly definition: EventStrategyDefinition,
    private readonly settings: StrategySettings,
    intervalMs: number | undefined,
  ) {
    this.name = definition.name;
    this.lookback = lookbackOf(definition.name, definition.create(settings, []).needs, intervalMs);
  }

  events(symbol: string): EventStrategy {
    let strategy = this.made.get(symbol);
    if (strategy === undefined) this.made.set(symbol, (strategy = this.make(symbol)));
    return strategy;
  }

  decide(): Decision {
    return TOLD;
  }

  onFill(): void {
    // Its host tells it, with the ticket.
  }

  snapshot(symbol: string): Json | undefined {
    return this.made.get(symbol)?.snapshot();
  }

  restore(symbol: string, state: Json): void {
    this.events(symbol).restore(state);
  }

  metrics(): Record<string, number> {
    return Object.assign({}, ...[...this.made.values()].map((strategy) => strategy.metrics?.() ?? {})) as Record<
      string,
      number
    >;
  }

  explain(symbol: string): string {
    return this.made.get(symbol)?.explain?.(symbol) ?? '';
  }

  private make(symbol: string): EventStrategy {
    const strategy = this.definition.create(this.settings, [symbol]);
    const { symbols } = strategy.needs;
    if (symbols.length === 1 && symbols[0] === symbol) return strategy;
    throw fault(
      'STRAT-001',
      `${this.name} must need the one symbol it is made for, ${symbol}, was ${symbols.length === 0 ? 'none' : symbols.join(', ')}.`,
    );
  }
}

/** Values of the series that the longest of its look-backs takes, the bar under way at the start left out. */
function lookbackOf(name: string, { timeframes }: StrategyNeeds, intervalMs: number | undefined): number {
  let most = 1;
  for (const { ms, lookback } of timeframes) {
    const perBar = intervalMs === undefined ? 1 : valuesPerBar(name, ms, intervalMs);
    const bars = Math.max(1, lookback);
    most = Math.max(most, perBar === 1 ? bars : (bars + 1) * perBar);
  }
  return most;
}
