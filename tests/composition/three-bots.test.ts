import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Container } from 'inversify';
import { createBot, TOKENS, Trace, type PerpsBot, type Token } from 'perpsbot';
import { tokenName } from '#src/injection/token.js';

const BOTS = [
  { symbol: 'BTC-PERP', seed: 1 },
  { symbol: 'ETH-PERP', seed: 4 },
  { symbol: 'SOL-PERP', seed: 5 },
] as const;
const CYCLES = 60;

let made: PerpsBot[] = [];
afterEach(async () => {
  for (const bot of made) await bot.stop();
  made = [];
});

function make({ symbol, seed }: (typeof BOTS)[number], parent?: Container, config: object = {}): PerpsBot {
  const bot = createBot({
    config: {
      profile: 'demo',
      botId: symbol.toLowerCase(),
      symbols: [symbol],
      strategy: { shortMa: 2, longMa: 5 },
      simulation: { seed, speed: 'max', startPrices: { 'BTC-PERP': 50_000, 'ETH-PERP': 3_000, 'SOL-PERP': 150 } },
      storage: { driver: 'memory' },
      logging: { level: 'error' },
      ...config,
    },
    ...(parent === undefined ? {} : { parent }),
  });
  made.push(bot);
  return bot;
}

/** What a run left behind: everything that was decided, ordered, filled and posted, and what it came to. */
interface Outcome {
  readonly digest: string;
  readonly records: number;
  readonly equity: number;
  readonly ordered: number;
  readonly decided: readonly string[];
}

async function ran(bot: PerpsBot): Promise<Outcome> {
  await bot.run({ cycles: CYCLES });
  const trace = bot.container.get(Trace);
  return {
    digest: trace.digest(),
    records: trace.records,
    equity: bot.portfolio.equity,
    ordered: bot.orderStats.attempted,
    decided: [...bot.lastDecisions.all().keys()],
  };
}

describe('three bots in one process', () => {
  it('share no service, though they share the classes and the host', () => {
    const host = new Container();
    const bots = BOTS.map((bot) => make(bot, host));
    for (const id of Object.values(TOKENS).flatMap((group) => Object.values(group) as Token<object>[])) {
      const instances = bots.flatMap((bot) => bot.container.getAll(id));
      expect([tokenName(id), new Set(instances).size]).toEqual([tokenName(id), instances.length]);
      expect(host.isBound(id)).toBe(false);
    }
  });

  it('each end as they would have alone, when their cycles interleave', async () => {
    const alone: Outcome[] = [];
    for (const bot of BOTS) alone.push(await ran(make(bot)));
    const together = await Promise.all(BOTS.map((bot) => ran(make(bot))));

    expect(together).toEqual(alone);
    expect(new Set(together.map(({ digest }) => digest)).size).toBe(BOTS.length);
    expect(together.map(({ decided }) => decided)).toEqual(BOTS.map(({ symbol }) => [symbol]));
    expect(Math.min(...together.map(({ ordered }) => ordered))).toBeGreaterThan(0);
  });

  it('really do interleave, and trade', async () => {
    const steps: number[] = [];
    const bots = BOTS.map((bot) => make(bot));
    let fills = 0;
    bots.forEach((bot, index) => {
      const cycle = bot.container.get(TOKENS.marketServices.TradingCycle);
      const { step } = cycle;
      cycle.step = (now) => (steps.push(index), step.call(cycle, now));
      bot.portfolio.onFill(() => (fills += 1));
    });
    await Promise.all(bots.map((bot) => bot.run({ cycles: CYCLES })));
    const turns = steps.filter((index, at) => index !== steps[at - 1]).length;
    expect(turns).toBeGreaterThan(CYCLES);
    expect(fills).toBeGreaterThan(0);
  });

  it('stop one by one: the others go on', async () => {
    const [first, second, third] = BOTS.map((bot) => make(bot)) as [PerpsBot, PerpsBot, PerpsBot];
    await Promise.all([first, second, third].map((bot) => bot.start()));
    await second.stop();
    const after = third.container.get(TOKENS.marketServices.TradingCycle).cycles;
    await first.stop();
    while (third.container.get(TOKENS.marketServices.TradingCycle).cycles < after + 3)
      await new Promise((resolve) => setImmediate(resolve));
    expect([first.isRunning, second.isRunning, third.isRunning]).toEqual([false, false, true]);
  });

  it('are not given the same journal', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'perpsbot-shared-'));
    const [first, second] = [1, 2].map((seed) =>
      make(BOTS[0], undefined, { simulation: { seed, speed: 'max' }, storage: { directory } }),
    ) as [PerpsBot, PerpsBot];
    await first.open();
    await expect(second.open()).rejects.toMatchObject({ code: 'BOT-002', cause: { code: 'STORE-005' } });
    await first.stop();
    rmSync(directory, { recursive: true });
  });

  it('keep windows, positions and safety to themselves', async () => {
    const [first, second] = BOTS.map((bot) => make(bot)) as [PerpsBot, PerpsBot, PerpsBot];
    await Promise.all([first.open(), second.open()]);
    await first.setReduceOnlyMode(true, 'trial');
    await Promise.all([first.runCycle(), second.runCycle()]);
    expect([[...first.markWindows.keys()], [...second.markWindows.keys()]]).toEqual([['BTC-PERP'], ['ETH-PERP']]);
    expect([first.isReduceOnlyMode(), second.isReduceOnlyMode()]).toEqual([true, false]);
  });
});
