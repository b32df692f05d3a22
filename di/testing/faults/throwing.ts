import type { Strategy, StrategyDefinition } from '../../../src/ports/core-services/strategy.js';
import type { EventStrategy } from '../../../src/ports/strategy/event-strategy.js';

/** Thrown where a test wants a strategy to fail. */
const planted = (): Error => new Error('the test lets this handler throw');

/** A definition whose handlers throw when they are told to; otherwise it is the one it was made of. */
export function throwing(definition: StrategyDefinition): {
  readonly definition: StrategyDefinition;
  readonly throwNext: (times: number) => void;
} {
  let left = 0;
  const failing = (key: PropertyKey): boolean => {
    if (left === 0 || !(key === 'decide' || String(key).startsWith('on'))) return false;
    left -= 1;
    return true;
  };
  const around = <T extends object>(target: T, own: Readonly<Record<PropertyKey, unknown>> = {}): T =>
    new Proxy(target, {
      get(object, key): unknown {
        const value: unknown = own[key] ?? Reflect.get(object, key, object);
        if (typeof value !== 'function') return value;
        const call = value as (...given: unknown[]) => unknown;
        return (...given: unknown[]): unknown => {
          if (failing(key)) throw planted();
          return call.apply(object, given);
        };
      },
    });
  const told = new Map<EventStrategy, EventStrategy>();
  const wrapped = (strategy: Strategy): Strategy =>
    strategy.events === undefined
      ? around(strategy)
      : around(strategy, {
          events: (symbol: string): EventStrategy | undefined => {
            const events = strategy.events?.(symbol);
            if (events === undefined) return undefined;
            let kept = told.get(events);
            if (kept === undefined) told.set(events, (kept = around(events)));
            return kept;
          },
        });
  return {
    definition: around(definition, {
      create: (...given: Parameters<StrategyDefinition['create']>) => wrapped(definition.create(...given)),
    }),
    throwNext: (times) => (left += times),
  };
}
