import { describe, expect, it } from '@jest/globals';
import { createBot, TOKENS } from '#di/index.js';
describe('scratch', () => {
  it('runs', async () => {
    for (const seed of [1,2,3,4,5,6,7]) {
    const t0 = performance.now();
    const bot = createBot({ config: { profile: 'demo', storage: { driver: 'memory' }, simulation: { speed: 'max', seed }, logging: { level: 'error' } } });
    const fills: number[] = [];
    bot.portfolio.onFill((f) => fills.push(f.at));
    const t1 = performance.now();
    await bot.start({ cycles: 60 });
    await bot.finished;
    const pending = bot.container.get(TOKENS.configuration.Scheduler).pending;
    process.stderr.write(JSON.stringify([seed, fills.length, t1 - t0, performance.now() - t1, pending, process.getActiveResourcesInfo(), bot.container.get(TOKENS.runtimeState.Trace).records]) + '\n');
    await bot.stop();
    }
    expect(1).toBe(1);
  });
});
