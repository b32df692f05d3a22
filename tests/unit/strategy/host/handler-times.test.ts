import { describe, expect, it } from '@jest/globals';
import type { HandlerReport } from '#src/ports/strategy/strategy-host.js';
import { HandlerTimes } from '#src/services/strategy/host/suspension/handler-times.js';

const MINUTE = 60_000;

describe('how long handlers take', () => {
  it('is told as the middle, the hundredth worst and the worst with its event', () => {
    const times = new HandlerTimes(() => undefined);
    for (let i = 1; i <= 985; i += 1) times.took('onBar', 0.1, i, 5, i);
    for (let i = 1; i <= 14; i += 1) times.took('onStep', 2, 1_000 + i, 5, i);
    times.took('onFill', 7, 2_000, 5, 0);
    const report = times.report();
    expect(report).toMatchObject({
      calls: 1_000,
      overBudget: 1,
      worstUs: 7_000,
      worstHandler: 'onFill',
      worstAt: 2_000,
    });
    // At most a fifth too long, and never too short.
    expect([report.p50Us >= 100, report.p50Us < 120]).toEqual([true, true]);
    expect([report.p99Us >= 2_000, report.p99Us < 2_400]).toEqual([true, true]);
  });

  it('of one that took no time that can be measured, or hours, is still counted', () => {
    const times = new HandlerTimes(() => undefined);
    times.took('onBar', 0, 1, 5, 1);
    times.took('onBar', 1e9, 2, 5, 2);
    expect(times.report().calls).toBe(2);
    expect(times.report().p50Us).toBeGreaterThan(0);
  });

  it('ten beyond the budget in a minute are told once a minute, and nine are not', () => {
    const told: HandlerReport[] = [];
    const times = new HandlerTimes((report) => told.push(report));
    const slow = (count: number, from: number): void => {
      for (let i = 0; i < count; i += 1) times.took('onBar', 6, from + i, 5, from + i);
    };
    slow(9, 0);
    slow(9, 2 * MINUTE);
    expect(told).toEqual([]);
    slow(1, 2 * MINUTE + 10);
    expect(told.map(({ overBudget }) => overBudget)).toEqual([19]);
    slow(30, 2 * MINUTE + 20);
    expect(told).toHaveLength(1);
    slow(10, 4 * MINUTE);
    expect(told).toHaveLength(2);
  });
});
