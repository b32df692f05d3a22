import { execFileSync } from 'node:child_process';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { token } from '#src/injection/token.js';
import { OrderLog } from '#src/ports/core-services/execution.js';
import { AccountAccess } from '#src/ports/venue/account-access.js';
import { MarketFeed } from '#src/ports/venue/market-feed.js';
import { OrderEntry } from '#src/ports/venue/order-entry.js';
import { Portfolio } from '#src/ports/runtime-state/portfolio.js';
import { MarketData } from '#src/ports/market-data/market-data.js';
import type { Strategy } from '#src/ports/core-services/strategy.js';
import { TradingCycle } from '#src/ports/market-services/trading-cycle.js';
import { createBot } from 'perpsbot';
import { FakeBroker, instrumentSpec, swap, testBot, type TestBot, type TestBotOptions } from 'perpsbot/testing';
import { dip } from '../../../docs/examples/bot-test.js';
import { requireBuild } from '../../simulation/support/lives.js';
import { testConfig } from '../../support/config.js';

let made: TestBot | undefined;
afterEach(async () => {
  await made?.stop();
  made = undefined;
});

const opened = (options: TestBotOptions = {}): Promise<TestBot> =>
  (made = testBot({ strategies: [dip], ...options })).open();
const statuses = (bot: TestBot): string[] => [...bot.get(OrderLog).all()].map(({ status }) => status);

describe('a test bot', () => {
  it('runs cycles an update interval apart, and no more than it is told', async () => {
    const bot = await opened();
    const start = bot.clock.now();
    bot.broker.setPrice('BTC-PERP', 120);
    await bot.cycles(3);
    await bot.play('BTC-PERP', [121, 122]);
    expect([bot.get(TradingCycle).cycles, bot.clock.now() - start]).toEqual([5, 5 * bot.config.updateIntervalMs]);
    expect(bot.get(MarketData).windows.read('BTC-PERP').map(Number).slice(-3)).toEqual([120, 121, 122]);
    expect(bot.broker.called(OrderEntry)).toEqual([]);
  });

  it('trades the products of its broker, under a configuration that a test changes section by section', async () => {
    const symbols = ['ETH-PERP', 'SOL-PERP'];
    const broker = new FakeBroker({ products: symbols.map((symbol) => instrumentSpec({ symbol })) });
    const bot = await opened({ broker, config: { updateInterval: '1s', risk: { ordersPerMinute: 7 } } });
    expect(bot.config).toMatchObject({ symbols, updateIntervalMs: 1_000, risk: { ordersPerMinute: 7 } });
    await bot.cycle({ 'ETH-PERP': 90, 'SOL-PERP': 200 });
    expect(broker.placed.map(({ symbol }) => symbol)).toEqual(['ETH-PERP']);
  });

  it('takes a resolved configuration as it is', async () => {
    const config = testConfig({ strategy: { name: 'dip' } });
    expect((await opened({ config })).config.risk).toEqual(config.risk);
  });

  it('lets a cycle wait for its answer until time brings it, and the next one for that cycle', async () => {
    const bot = await opened();
    bot.broker.next('placeOrder', { delayMs: 7_000, fill: 'all' });
    await bot.cycle({ 'BTC-PERP': 98 });
    expect(statuses(bot)).toEqual(['filled']);
    await bot.cycle();
    expect(bot.get(TradingCycle).cycles).toBe(1);
    await bot.cycles(2);
    expect([bot.get(TradingCycle).cycles, bot.broker.placed.length]).toEqual([3, 1]);
    bot.broker.assertDone();
  });

  it.each([
    ['accepts', {}, ['open']],
    ['refuses', { refuse: 'insufficient_margin' }, ['rejected']],
    ['loses the answer', { lost: 'answer' }, ['open']],
    ['loses the request', { lost: 'request' }, ['lost']],
    ['throws', { throws: new Error('hang up') }, ['lost']],
    ['never answers', { silent: true }, ['lost']],
  ] as const)('meets a venue that %s', async (_what, answer, expected) => {
    const bot = await opened();
    bot.broker.setPrice('BTC-PERP', 98).next('placeOrder', answer).always('placeOrder', { refuse: 'other' });
    await bot.cycle();
    await bot.advance(60_000);
    expect(statuses(bot).slice(0, 1)).toEqual(expected);
    bot.broker.assertDone();
  });

  it('does not hold a test up that stops while an answer is awaited', async () => {
    const bot = await opened();
    bot.broker.next('placeOrder', { silent: true });
    await bot.cycle({ 'BTC-PERP': 98 });
    expect((await bot.stop()).failed.length).toBeLessThanOrEqual(1);
  });

  it('fails the test where the fake was scripted wrongly, though the bot survives it', async () => {
    const bot = await opened();
    bot.broker.next('placeOrder', { fill: { size: 1_000 } });
    await expect(bot.cycle({ 'BTC-PERP': 98 })).rejects.toMatchObject({ code: 'TEST-001' });
  });

  it('says what a test has left out', async () => {
    made = testBot();
    await expect(made.cycle()).rejects.toThrow(/must be open to run a cycle, was not\. Await made\.open\(\)/);
    await made.open();
    await expect(made.cycles(0)).rejects.toThrow(/whole number above zero, was 0/);
    await expect(made.play('BTC-PERP', [])).rejects.toThrow(/must not be empty/);
  });

  it('stands still while the runner fakes its timers', async () => {
    jest.useFakeTimers();
    try {
      const bot = await opened();
      await bot.cycle({ 'BTC-PERP': 98 });
      expect(bot.broker.placed).toHaveLength(1);
      await bot.stop();
    } finally {
      jest.useRealTimers();
    }
  });

  it('is moved by hand where its host opens or runs it, whoever was first', async () => {
    const opened = testBot({ strategies: [dip] });
    await opened.bot.open();
    await opened.open();
    const started = testBot({ strategies: [dip] });
    await started.bot.start();
    const both = testBot({ strategies: [dip] });
    await both.open();
    await both.bot.start();
    for (const bot of [opened, started, both]) {
      await bot.play('BTC-PERP', [105, 98]);
      expect(bot.broker.placed).toHaveLength(1);
      expect((await bot.stop()).failed).toEqual([]);
      await expect(bot.cycle()).rejects.toMatchObject({ code: 'TEST-001' });
      await expect(bot.bot.start()).rejects.toMatchObject({ code: 'BOT-003' });
    }
  });

  it('needs no runner of tests at all', () => {
    requireBuild();
    const program = `
      import { testBot } from 'perpsbot/testing';
      const made = testBot();
      await made.open();
      await made.play('BTC-PERP', [1, 2, 3]);
      await made.stop();
      console.log(made.broker.called().filter((name) => name === 'getQuote').length);`;
    const said = execFileSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' });
    expect(Number(said)).toBeGreaterThanOrEqual(3);
  });
});

describe('swap', () => {
  it('moves one role, and leaves the venue the others', async () => {
    const mine = new FakeBroker();
    const bot = await opened({
      overrides: (container) => {
        swap(container, OrderEntry, mine);
        swap(container, AccountAccess, mine);
      },
    });
    await bot.cycle({ 'BTC-PERP': 98 });
    mine.fill(mine.lastPlaced, { price: 98 });
    expect(bot.get(Portfolio).position(mine.lastPlaced.instrument).size.toString()).toBe('10.204');
    expect([bot.broker.placed, mine.called(MarketFeed)]).toEqual([[], []]);
  });

  it('says what cannot be swapped', async () => {
    const swapping =
      (work: Parameters<typeof testBot>[0]): (() => unknown) =>
      () =>
        testBot(work);
    const value = {} as Portfolio;
    expect(swapping({ overrides: (open) => swap(open, token<Strategy>('Nobody'), {} as Strategy) })).toThrow(
      expect.objectContaining({ code: 'DI-001' }),
    );
    expect(swapping({ overrides: (open) => swap(open, Portfolio, undefined as unknown as Portfolio) })).toThrow(
      /Portfolio must be swapped for an object, was undefined\. Make it before the bot/,
    );
    expect(swapping({ overrides: (open) => swap(open, OrderEntry, FakeBroker as unknown as OrderEntry) })).toThrow(
      /was the class FakeBroker\. Pass an instance/,
    );
    const { container } = createBot({ config: { profile: 'demo', storage: { driver: 'memory' } } });
    container.get(Portfolio);
    expect(() => swap(container, Portfolio, value)).toThrow(expect.objectContaining({ code: 'DI-007' }));
  });
});
