import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { WeightBudget } from '#src/connect/weight-budget.js';
import { MINUTE_MS } from '#src/domain/time-spans.js';
import { ManualClock } from '#src/testing/manual-clock.js';

const NOW = 30 * MINUTE_MS;

describe('the weight of a minute', () => {
  it('is never more than the limit, of which a share is for cancellations alone', () => {
    const step = fc.record({
      weight: fc.integer({ min: 1, max: 40 }),
      cancels: fc.boolean(),
      passed: fc.integer({ min: 0, max: 20_000 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const clock = new ManualClock(NOW);
        const budget = new WeightBudget({ perMinute: 100, reserved: 0.25 }, clock);
        const sums = new Map<number, [all: number, others: number]>();
        for (const { weight, cancels, passed } of steps) {
          clock.set(clock.now() + passed);
          if (budget.freeAt(weight, cancels) > clock.now()) continue;
          budget.sent(weight);
          const minute = Math.floor(clock.now() / MINUTE_MS);
          const [all, others] = sums.get(minute) ?? [0, 0];
          sums.set(minute, [all + weight, cancels ? others : all + weight]);
        }
        for (const [all, others] of sums.values()) {
          expect(all).toBeLessThanOrEqual(100);
          expect(others).toBeLessThanOrEqual(75);
        }
      }),
    );
  });

  it("is the venue's where that is more, and over with its minute", () => {
    const clock = new ManualClock(NOW + 1);
    const budget = new WeightBudget({ perMinute: 100, reserved: 0.25 }, clock);
    budget.heard(80);
    expect([budget.freeAt(1), budget.freeAt(20, true)]).toEqual([NOW + MINUTE_MS, NOW + 1]);
    clock.set(NOW + MINUTE_MS);
    expect(budget.freeAt(75)).toBe(NOW + MINUTE_MS);
  });

  it('waits for every pause, cancellations too', () => {
    const clock = new ManualClock(NOW);
    const budget = new WeightBudget({ perMinute: 100, reserved: 0.25 }, clock);
    budget.pause(90_000);
    budget.pause(1_000);
    expect(budget.freeAt(1, true)).toBe(NOW + 90_000);
  });
});
