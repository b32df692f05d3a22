import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { SymbolMap } from '#src/domain/symbol-map.js';

describe('SymbolMap', () => {
  it('behaves as a Map whatever is asked in whatever order', () => {
    const symbol = fc.constantFrom('BTC-PERP', 'ETH-PERP', 'SOL-PERP');
    const steps = fc.array(
      fc.oneof(
        fc.record({ set: symbol, to: fc.nat() }),
        fc.record({ get: symbol }),
        fc.record({ remove: symbol }),
        fc.constant({ clear: true }),
      ),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(steps, (asked) => {
        const [map, model] = [new SymbolMap<number>(), new Map<string, number>()];
        for (const step of asked) {
          if ('set' in step) {
            map.set(step.set, step.to);
            model.set(step.set, step.to);
          } else if ('get' in step) expect(map.get(step.get)).toBe(model.get(step.get));
          else if ('remove' in step) expect(map.delete(step.remove)).toBe(model.delete(step.remove));
          else {
            map.clear();
            model.clear();
          }
          expect(map.all()).toEqual(model);
          expect([[...map.keys()], [...map.values()], map.size]).toEqual([
            [...model.keys()],
            [...model.values()],
            model.size,
          ]);
        }
      }),
      { numRuns: 200 },
    );
  });
});
