import { describe, expect, it } from '@jest/globals';
import { OrderLog } from '#src/ports/core-services/execution.js';
import { GuardedBot } from './guarded-bot.js';

describe('venues bound how many stops an account may have', () => {
  it('a position that is filled in thirty parts has few at once, and never less cover than it holds', async () => {
    const bot = await new GuardedBot().open();
    const standing: number[] = [];
    bot.made.get(OrderLog).onChange(() => standing.push(bot.standing.length));
    await bot.enter(...Array.from({ length: 30 }, () => 1));
    expect([bot.covered, bot.status['naked']]).toEqual([30, []]);
    // The last of a set and the one that takes its place stand together for a moment.
    expect(Math.max(...standing)).toBeLessThanOrEqual(7);
    expect(bot.stops.length).toBeGreaterThan(20);
    await bot.made.stop();
  });
});
