import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Decimal } from '#src/domain/decimal.js';
import { Instrument } from '#src/domain/instrument.js';
import type { Order } from '#src/domain/order.js';
import type { Cover } from '#src/services/execution/protection/cover.js';
import { planOf } from '#src/services/execution/protection/cover-plan.js';
import { instrumentSpec } from '#src/testing/instruments.js';

const INSTRUMENT = new Instrument(
  instrumentSpec({ step: new Decimal(1), minSize: new Decimal(5), maxSize: new Decimal(40) }),
);

/** Stops of these sizes stand; nothing is on its way. */
function coverOf(sizes: readonly number[], unread = 0): Cover {
  const held = sizes.map((size) => ({ request: { lots: size }, status: 'open' }) as unknown as Order);
  return {
    ...{ held, others: [], silent: [], unread, coming: 0, comingSince: Infinity },
    standing: sizes.reduce((sum, size) => sum + size, 0),
    worth: (order) => order.request.lots,
  };
}

const plan = (sizes: readonly number[], size: number, cuts = true, unread = 0) => {
  const { sizes: sent, surplus } = planOf(
    coverOf(sizes, unread),
    { size, going: 0, cuts, sleeps: () => false },
    INSTRUMENT,
  );
  return { sent, surplus: surplus.map(({ request }) => request.lots as number) };
};

describe('the stops of a position', () => {
  it('that is too large for one order are about equal parts, none too small and none too large', () => {
    expect(plan([], 100)).toEqual({ sent: [33, 33, 34], surplus: [] });
    expect(plan([], 41).sent).toEqual([20, 21]);
    fc.assert(
      fc.property(fc.integer({ min: 5, max: 2_000 }), (size) => {
        const { sent } = plan([], size);
        expect(sent.reduce((sum, each) => sum + each, 0)).toBe(size);
        expect(Math.max(...sent) - Math.min(...sent)).toBeLessThanOrEqual(1);
        expect(Math.max(...sent)).toBeLessThanOrEqual(40);
        expect(Math.min(...sent)).toBeGreaterThanOrEqual(5);
      }),
    );
  });

  it('two of one size, of which one is too much: one of them stays', () => {
    expect(plan([10, 10], 10)).toEqual({ sent: [], surplus: [10] });
    expect(plan([10, 10], 20)).toEqual({ sent: [], surplus: [] });
    // What fits first, then what is too much.
    expect(plan([10, 10], 15)).toEqual({ sent: [5], surplus: [] });
    expect(plan([10, 10, 5], 15)).toEqual({ sent: [], surplus: [10] });
  });

  it('on a spot market what is too much leaves before anything takes its place', () => {
    expect(plan([10, 10], 15, false)).toEqual({ sent: [], surplus: [10] });
    expect(plan([10], 15, false)).toEqual({ sent: [5], surplus: [] });
  });

  it('beside one of which nobody knows whether it stands are sent once more, and on a spot market not at all', () => {
    expect(plan([], 10, true, 10).sent).toEqual([10]);
    expect(plan([], 10, true, 20).sent).toEqual([]);
    expect(plan([], 10, false, 10).sent).toEqual([]);
  });

  it('never come to less than the position, over what stands and what is asked for, where the venue cuts', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 5, max: 40 }), { maxLength: 6 }),
        fc.integer({ min: 5, max: 200 }),
        (stands, size) => {
          const { sent, surplus } = plan(stands, size);
          const left = [...stands, ...sent].reduce((sum, each) => sum + each, 0);
          const after = left - surplus.reduce((sum, each) => sum + each, 0);
          // Too little to be ordered by itself is put together with the rest in the next look.
          if (size - stands.reduce((sum, each) => sum + each, 0) >= 5 || after !== left)
            expect(left).toBeGreaterThanOrEqual(size);
        },
      ),
    );
  });
});
