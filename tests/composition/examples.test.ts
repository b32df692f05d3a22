import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { NestFactory } from '@nestjs/core';
import { Container } from 'inversify';
import {
  Clock,
  createBot,
  Decimal,
  EventStore,
  HostScheduler,
  LifecycleService,
  Logger,
  Portfolio,
  RiskManager,
  Scheduler,
  type PerpsBot,
} from 'perpsbot';
import { bars, runStrategy } from 'perpsbot/testing';
import { PerpsBot as Bot } from '#di/bot.js';
import { Instrument } from '#src/domain/instrument.js';
import { OrderRequest } from '#src/domain/order.js';
import { lots, ticks } from '#src/domain/units.js';
import { BotPortfolio, boot } from '../../docs/examples/inversify-host.js';
import { AppModule, BotModule, EquityReport } from '../../docs/examples/nest.js';
import bollingerReversion from '../../docs/examples/bollinger-reversion.js';
import dipBeforeFunding from '../../docs/examples/dip-before-funding.js';
import dipLadder from '../../docs/examples/dip-ladder.js';
import donchianBreakout from '../../docs/examples/donchian-breakout.js';
import emaLadder from '../../docs/examples/ema-ladder.js';
import emaCross from '../../docs/examples/ema-cross.js';
import { threeInARow } from '../../docs/examples/own-indicator.js';
import { accountNews, buysTheDip, everyAnswer, oneRole, refusedOrder } from '../../docs/examples/bot-test.js';
import { createDipBot, dipBuyer } from '../../docs/examples/own-strategy.js';
import trailingBreakout from '../../docs/examples/trailing-breakout.js';
import { conforms } from '../../docs/examples/venue-conformance.js';
import { createLiveBot, MyVenue, type Wire } from '../../docs/examples/own-venue.js';
import { watched } from '../../docs/examples/control-api.js';
import { tradeOnce } from '../../docs/examples/plain.js';
import { buysOnceWithAStop, survives } from '../../docs/examples/strategy-test.js';
import { instrumentSpec } from '#src/testing/instruments.js';
import { RecordingLogger } from '#src/testing/recording-logger.js';
import { usdmAdapter } from '../simulation/wire/binance-conforming.js';
import { added } from '../support/resources.js';

/** Sockets, pipes, watchers, workers: what keeps a process alive. Timers are counted by their schedulers. */
const TIMERS = ['Timeout', 'Immediate', 'FSReqCallback'];

/** Nothing of the bot runs, waits or is scheduled any more. */
function leavesNothing({ container, isRunning }: PerpsBot): void {
  expect(isRunning).toBe(false);
  expect(container.get(LifecycleService).tasks).toEqual([]);
  expect([container.get(Scheduler).pending, container.get(HostScheduler).pending]).toEqual([0, 0]);
}

let before: string[];
beforeEach(() => {
  before = process.getActiveResourcesInfo();
});
afterEach(() => {
  expect(added(before, TIMERS)).toEqual([]);
});

describe("a venue's conformance", () => {
  it('is a list of scenarios for any runner', async () => {
    const scenarios = new Map<string, () => Promise<void>>();
    conforms((name, run) => scenarios.set(name.split(' ')[0] ?? '', run), usdmAdapter);
    expect(scenarios.size).toBeGreaterThan(10);
    for (const id of ['A6', 'B1', 'H3']) await scenarios.get(id)?.();
  });
});

describe('the plain program', () => {
  it('trades on the exchange inside, hears of its fill, and leaves nothing behind', async () => {
    const lines: string[] = [];
    const bot = await tradeOnce((line) => lines.push(line));
    expect(lines[0]).toMatch(/^buy 0\.\d+ BTC-PERP at \d+/);
    expect(lines[1]).toMatch(/^[1-9]\d* order records$/);
    expect(lines[2]).toMatch(/^equity \d+\.\d\d USDT$/);
    leavesNothing(bot);
  });

  it('may be looked at by who has a token', async () => {
    const lines: string[] = [];
    leavesNothing(await watched((line) => lines.push(line)));
    expect(lines).toEqual(['without a token 401', 'with one NORMAL']);
    // Both ends of the sockets are let go by the host's loop, after the server has said that it is closed.
    for (let turn = 0; turn < 1_000 && added(before, TIMERS).length > 0; turn += 1)
      await new Promise((resolve) => setTimeout(resolve, 2));
  });
});

describe('the Inversify host', () => {
  it('lends the bot its logger through a child container', async () => {
    const log = new RecordingLogger();
    const { bot } = boot(log);
    expect(bot.container.get(Logger)).toBe(log);
    await bot.run({ cycles: 2 });
    expect(log.at('info')).toContain('Starting');
    leavesNothing(bot);
  });

  it('has one alias of the bot and sees nothing else of it', async () => {
    const { host, bot } = boot(new RecordingLogger());
    await bot.run({ cycles: 1 });
    expect(host.get(BotPortfolio)).toBe(bot.portfolio);
    for (const token of [Portfolio, RiskManager, EventStore, Clock, Logger]) expect(host.isBound(token)).toBe(false);
  });

  it('passes the same verification as a bot on its own', () => {
    const { bot } = boot(new RecordingLogger());
    expect(bot.composition.verify().problems).toEqual([]);
    expect(bot.composition.graph().nodes.find(({ token }) => token === 'Logger')?.implementation).toBe(
      'alias of HostLog',
    );
  });

  it("lends a service under the bot's own token, once the bot gives up its own", async () => {
    const log = new RecordingLogger();
    const host = new Container();
    host.bind(Logger).toConstantValue(log);
    const config = {
      profile: 'demo',
      simulation: { speed: 'max' },
      storage: { driver: 'memory' },
      logging: { level: 'error' },
    };
    const lent = createBot({ config, parent: host, overrides: (container) => container.unbind(Logger) });
    expect(lent.composition.verify().problems).toEqual([]);
    await lent.run({ cycles: 1 });
    expect(log.at('info')).toContain('Starting');
    expect(createBot({ config, parent: host }).container.get(Logger)).not.toBe(log);
  });
});

describe('the NestJS host', () => {
  it('starts the bot at bootstrap, injects its portfolio, and stops it at shutdown', async () => {
    const app = await NestFactory.createApplicationContext(AppModule, { logger: false });
    const bot = app.get(Bot);
    expect(bot.isRunning).toBe(true);
    expect(app.get(EquityReport).text()).toMatch(/^\d+\.\d\d USDT$/);
    expect(app.get(Portfolio)).toBe(bot.portfolio);
    await app.close();
    leavesNothing(bot);
  });

  it('does not come up with a bot that cannot start', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'perpsbot-nest-'));
    const module = BotModule.forRoot({
      config: { profile: 'canary', storage: { directory }, logging: { level: 'error' } },
    });
    await expect(
      NestFactory.createApplicationContext(module, { logger: false, abortOnError: false }),
    ).rejects.toMatchObject({ code: 'BOT-002', cause: { code: 'VENUE-001' } });
    rmSync(directory, { recursive: true });
  });
});

describe("a host's own strategy", () => {
  it('is found by name and trades in the paper world', async () => {
    const bot = createDipBot();
    const fills: string[] = [];
    bot.portfolio.onFill(({ side }) => fills.push(side));
    await bot.run({ cycles: 120 });
    expect(fills.slice(0, 2)).toEqual(['buy', 'sell']);
    expect([...bot.lastDecisions.all().values()].every(({ decision }) => decision.reason !== '')).toBe(true);
    leavesNothing(bot);
  });

  it('reads no further back than it declares', () => {
    const { strategy } = createDipBot().config;
    expect(dipBuyer.create(strategy).lookback).toBe(dipBuyer.lookback(strategy));
    expect(dipBuyer.lookback(strategy)).toBe(6);
  });
});

describe('the breakout whose stop moves', () => {
  it('is out at the best close less its distance, or when its time is over', async () => {
    const rising = [100, 101, 100, 101, 103, 106, 110, 115, 120, 112];
    const won = await runStrategy(trailingBreakout, {
      params: { channel: 3, atr: 2 },
      bars: bars.closes('1h', rising),
    });
    const stops = won.orders.filter(({ type }) => type === 'stop_market').map(({ stop }) => stop ?? 0);
    expect(stops.length).toBeGreaterThan(2);
    expect([...stops].sort((one, other) => one - other)).toEqual(stops);
    const still = [...rising.slice(0, 5), ...Array.from({ length: 30 }, () => 103)];
    const over = await runStrategy(trailingBreakout, {
      params: { channel: 3, atr: 2 },
      bars: bars.closes('1h', still),
    });
    expect(over.orders.map(({ why }) => why)).toContain('Time stop after 24 bars');
    await won.noLookAhead();
  });
});

describe('entries that wait, and ladders', () => {
  /** Up and down around a thousand, never twice alike; `drift` makes a trend of it. */
  const wave = (count: number, drift: number): readonly number[] =>
    Array.from({ length: count }, (_bar, i) => 1000 + i * drift + 9 * Math.sin(i / 6) + 4 * Math.sin(i / 1.7));

  it('buys at the lower band and sells at the upper one, and is out at the middle', async () => {
    const run = await runStrategy(bollingerReversion, {
      params: { flatAdx: 40 },
      bars: bars.closes('5m', wave(700, 0)),
    });
    const entries = run.orders.filter(({ tag = '' }) => tag.startsWith('entry.'));
    expect(new Set(entries.map(({ type }) => type))).toEqual(new Set(['limit']));
    const filled = run.orders.filter(({ status }) => status === 'filled');
    expect(new Set(filled.map(({ tag }) => tag))).toEqual(
      new Set(['entry.long', 'entry.short', 'take_profit.1', undefined]),
    );
    expect(filled.filter(({ tag }) => tag === 'take_profit.1').length).toBeGreaterThan(5);
    await run.noLookAhead();
  });

  it('leaves by the clock: two hours after its fill, or a quarter before funding, with nothing resting then', async () => {
    const run = await runStrategy(dipBeforeFunding, { bars: bars.closes('15m', wave(400, -0.3)) });
    const quarter = 15 * 60_000;
    const left = run.fills.flatMap(({ side, at }, index) => {
      const held = Math.round((at - (run.fills[index - 1]?.at ?? 0)) / quarter);
      return side === 'buy' ? [] : [{ held, isNear: Math.floor(at / quarter) % 32 === 31 }];
    });
    expect(left.length).toBeGreaterThan(3);
    expect(left.filter(({ held }) => held > 9)).toEqual([]);
    expect(left.some(({ isNear }) => isNear)).toBe(true);
    expect(left.some(({ held }) => held >= 8)).toBe(true);
    await run.noLookAhead();
  });

  it('waits on both sides of the channel, and takes a trend off in steps', async () => {
    const both = await runStrategy(donchianBreakout, { bars: bars.closes('1h', wave(200, 0.7)) });
    expect(both.fills.length).toBeGreaterThan(3);
    await both.noLookAhead();
    const steps = await runStrategy(emaLadder, {
      params: { fast: 4, slow: 12, risk: '0.1%' },
      bars: bars.closes('15m', wave(400, 0.3)),
    });
    const taken = steps.orders.filter(({ tag = '', status }) => tag.startsWith('take_profit') && status === 'filled');
    expect(taken.length).toBeGreaterThan(1);
    await steps.noLookAhead();
  });
});

describe('the strategy by events', () => {
  it('moves its bid, protects what fills, and takes its targets', async () => {
    const run = await runStrategy(dipLadder, {
      bars: bars.closes('15m', [100, 101, 99, 102, 105]),
      instrument: { tick: new Decimal('0.01') },
    });
    expect(run.fills.map(({ side, price }) => `${side} ${price / 100}`)).toEqual([
      'buy 99.99',
      'sell 101.99',
      'sell 103.99',
    ]);
    expect(run.orders.filter(({ status, side }) => status === 'open' && side === 'sell')).toEqual([]);
    expect(run.orders.find(({ type }) => type === 'stop_market')).toMatchObject({
      stop: 97.99,
      status: expect.stringMatching(/^(cancelled|expired)$/),
    });
  });

  it('leaves at its stop, and its targets end with the position', async () => {
    const run = await runStrategy(dipLadder, {
      bars: bars.closes('15m', [100, 101, 99, 96, 97]),
      instrument: { tick: new Decimal('0.01') },
    });
    expect(run.fills.slice(0, 2).map(({ side, price }) => `${side} ${price / 100}`)).toEqual([
      'buy 99.99',
      'sell 97.99',
    ]);
    const targets = run.orders.filter(({ type, side }) => side === 'sell' && type === 'limit');
    expect(targets.map(({ status }) => status)).toEqual(['expired', 'expired']);
  });
});

describe("a host's own venue", () => {
  const spot = instrumentSpec({
    symbol: 'BTC-USD',
    quote: 'USD',
    settle: 'USD',
    kind: 'spot',
    maxLeverage: new Decimal(1),
  });
  const wire = (overrides: Partial<Wire> = {}): Wire => ({
    login: async () => ({ account: 'mine' }),
    products: async () => [spot],
    ticker: async () => ({ bid: '50000', ask: '50002', at: Date.now() }),
    balances: async () => [{ asset: 'USD', total: '1000', free: '1000' }],
    send: async () => ({ id: 'v1', at: 1 }),
    cancel: async () => ({ wasOpen: true, at: 2 }),
    orders: async () => [],
    fills: async () => [],
    listen: async () => ({ closed: new Promise<void>(() => undefined), close: () => undefined }),
    ...overrides,
  });

  it('takes the place of the missing one in the live world', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'perpsbot-live-'));
    const bot = createLiveBot(wire(), directory);
    expect(bot.composition.verify().problems).toEqual([]);
    await bot.run({ singleCycle: true });
    expect(bot.markWindows.get('BTC-USD')?.last).toBe(new Instrument(spot).toMarks(new Decimal('50001')));
    leavesNothing(bot);
    rmSync(directory, { recursive: true });
  });

  it('tells accepted, refused and unknown apart', async () => {
    const order = new OrderRequest({
      clientId: 'c1',
      instrument: new Instrument(spot),
      side: 'buy',
      type: 'limit',
      lots: lots(10),
      limit: ticks(500_000),
      timeInForce: 'GTC',
      postOnly: false,
      reduceOnly: false,
    });
    const outcome = async (send: Wire['send']): Promise<string> =>
      (await new MyVenue(wire({ send })).placeOrder(order)).outcome;
    expect(await outcome(async ({ size, price }) => ({ id: `${size ?? ''}@${price ?? ''}`, at: 1 }))).toBe('accepted');
    expect(await outcome(async () => ({ refused: 'no funds', at: 1 }))).toBe('rejected');
    expect(await outcome(async () => ({ at: 1 }))).toBe('unknown');
    expect(await outcome(() => Promise.reject(new Error('cut')))).toBe('unknown');
  });
});

describe('the short form', () => {
  it('is tested as its page says', async () => {
    expect(emaCross.name).toBe('ema-cross');
    await expect(buysOnceWithAStop()).resolves.toBeUndefined();
    await expect(survives()).resolves.toBeUndefined();
  });

  it('trades by an indicator of its own', async () => {
    const { orders } = await runStrategy(threeInARow, { bars: bars.closes('1m', [10, 11, 12, 13, 13, 13]) });
    expect(orders[0]).toMatchObject({ side: 'buy', why: 'three rising bars', status: 'filled' });
  });

  it('is bound beside the built-in ones and chosen by name', async () => {
    const bot = createBot({
      strategies: [emaCross],
      config: {
        profile: 'demo',
        updateInterval: '1m',
        strategy: { name: 'ema-cross', params: { fast: 3 } },
        storage: { driver: 'memory' },
        simulation: { seed: 1, speed: 'max' },
        logging: { level: 'error' },
      },
    });
    await bot.run({ cycles: 3 });
    expect(bot.lastDecisions.find('BTC-PERP')?.decision.reason).toMatch(/Bar not finished|warming up/);
  });
});

describe('a test of a bot', () => {
  it('runs cycles by hand, and looks at what was sent', () => buysTheDip());
  it('scripts every answer of an order', () => everyAnswer());
  it('pushes fills and events', () => accountNews());
  it('tells what became of a refused order', () => refusedOrder());

  it('swaps one role of the venue', () => oneRole());
});

describe('docs/examples', () => {
  it('holds nothing that is not run here', () => {
    const self = readFileSync('tests/composition/examples.test.ts', 'utf8');
    expect(
      readdirSync('docs/examples').filter((file) => !self.includes(`docs/examples/${file.replace(/\.ts$/, '.js')}`)),
    ).toEqual([]);
  });
});
