import 'reflect-metadata';
import fc from 'fast-check';
import { describe, expect, it } from '@jest/globals';
import { marks } from '#src/domain/units.js';
import { MarkRing } from '#src/services/market-data/mark-ring.js';
import { instrument } from '#src/testing/instruments.js';

const btc = instrument();

type Step = { readonly kind: 'push'; readonly mark: number } | { readonly kind: 'grow'; readonly capacity: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 9,
    arbitrary: fc.record({
      kind: fc.constant('push' as const),
      mark: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('grow' as const), capacity: fc.integer({ min: 1, max: 40 }) }),
  },
);

describe('mark windows', () => {
  it('always hold exactly the newest marks in order, through any growth', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.array(step, { maxLength: 120 }), (capacity, steps) => {
        const ring = new MarkRing(btc, capacity);
        let model: number[] = [];
        let room = capacity;
        let count = 0;
        for (const one of steps) {
          if (one.kind === 'grow') {
            ring.grow(one.capacity);
            room = Math.max(room, one.capacity);
          } else {
            ring.push(marks(one.mark), (count += 1));
            model = [...model, one.mark].slice(-room);
          }
          expect(ring.toArray()).toEqual(model);
          expect([ring.length, ring.capacity, ring.count, ring.last, ring.lastAt]).toEqual([
            model.length,
            room,
            count,
            model.at(-1),
            count === 0 ? undefined : count,
          ]);
        }
      }),
      { numRuns: 150 },
    );
  });
});
