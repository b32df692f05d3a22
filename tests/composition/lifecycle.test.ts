import { afterEach, describe, expect, it } from '@jest/globals';
import {
  BackgroundTask,
  Brokerage,
  createBot,
  HostScheduler,
  Lifecycle,
  LifecycleService,
  Logger,
  RuntimeCoordinator,
  Scheduler,
  Streaming,
  type BotContainer,
  type PerpsBot,
} from 'perpsbot';
import { AbsentVenue } from '#src/venues/absent/absent-venue.js';
import { RecordingLogger } from '#src/testing/recording-logger.js';

const CONFIG = {
  profile: 'demo',
  simulation: { seed: 3, speed: 'max' },
  storage: { driver: 'memory' },
  logging: { level: 'error' },
};
const PARTS = [
  'journal',
  'crash-latch',
  'generated-market',
  'control-door',
  'runtime-coordinator',
  'operator-requests',
  'strategy-state',
  'protective-stops',
  'trading-tally',
  'strategy-host',
  'market-data',
  'streaming',
];
/** In the seed's order. */
const TASKS = ['runtime-guards', 'order-reconciliation', 'position-reconciliation', 'account-telemetry'];

let bot: PerpsBot;
afterEach(() => bot.stop());

function make(overrides?: (container: BotContainer) => void): PerpsBot {
  bot = createBot({
    config: CONFIG,
    overrides: (container) => {
      container.rebind(Logger).toConstantValue(new RecordingLogger());
      overrides?.(container);
    },
  });
  return bot;
}

/** The tasks are spawned once the account has been compared with the venue. */
async function spawned(names: readonly string[]): Promise<void> {
  const service = bot.container.get(LifecycleService);
  for (let turn = 0; turn < 1_000 && service.tasks.length < names.length; turn += 1)
    await new Promise((resolve) => setImmediate(resolve));
  expect(service.tasks).toEqual(names);
}

/** Writes down what is asked of the bot's parts; the parts themselves stay as they are. */
function watch({ container }: PerpsBot): string[] {
  const log: string[] = [];
  for (const part of container.getAll(Lifecycle)) {
    const [start, stop] = [part.start.bind(part), part.stop.bind(part)];
    part.start = () => (log.push(`start ${part.name}`), start());
    part.stop = () => (log.push(`stop ${part.name}`), stop());
  }
  return log;
}

describe('the parts', () => {
  it('start in phase order and stop in reverse, each once', async () => {
    const log = watch(make());
    await bot.open();
    expect(log).toEqual(PARTS.map((name) => `start ${name}`));
    const report = await bot.stop();
    expect(log.slice(PARTS.length)).toEqual([...PARTS].reverse().map((name) => `stop ${name}`));
    expect(report).toEqual({ stopped: [...PARTS].reverse(), failed: [] });
  });

  it('are taken down again when one does not start, and the boot fails with the cause', async () => {
    const log = watch(make());
    const cause = new Error('no candles');
    const part = bot.container.getAll(Lifecycle).find(({ name }) => name === 'market-data');
    part!.start = () => Promise.reject(cause);
    await expect(bot.open()).rejects.toMatchObject({
      code: 'BOT-002',
      message: expect.stringContaining('market-data'),
      cause,
    });
    expect(log).toEqual([
      ...PARTS.slice(0, 10).map((name) => `start ${name}`),
      ...PARTS.slice(0, 11)
        .reverse()
        .map((name) => `stop ${name}`),
    ]);
    expect([bot.container.get(Scheduler).pending, bot.container.get(HostScheduler).pending]).toEqual([0, 0]);
    expect(() => bot.broker).toThrow(expect.objectContaining({ code: 'BOT-001' }));
  });

  it('all stop although one of them fails to, and the report names it', async () => {
    make();
    const { stop } = bot.container.get(Streaming);
    const streaming = bot.container.get(Streaming);
    streaming.stop = async () => {
      await stop.call(streaming);
      throw new Error('socket stuck');
    };
    await bot.open();
    expect(await bot.stop()).toEqual({
      stopped: [...PARTS].reverse().slice(1),
      failed: [{ name: 'streaming', error: 'socket stuck' }],
    });
  });

  it('include what a host adds, last to start and first to stop', async () => {
    const mine: string[] = [];
    make((container) =>
      container
        .bind(Lifecycle)
        .toConstantValue({ name: 'mine', start: () => void mine.push('start'), stop: () => void mine.push('stop') }),
    );
    const log = watch(bot);
    await bot.open();
    await bot.stop();
    expect(mine).toEqual(['start', 'stop']);
    expect([log[PARTS.length], log[PARTS.length + 1]]).toEqual(['start mine', 'stop mine']);
  });
});

describe('the live world', () => {
  it('refuses to start until a venue is bound, with a typed error', async () => {
    bot = createBot({ config: { profile: 'canary', storage: { driver: 'memory' }, logging: { level: 'error' } } });
    expect(bot.container.get(Brokerage)).toBeInstanceOf(AbsentVenue);
    await expect(bot.open()).rejects.toMatchObject({ code: 'BOT-002', cause: { code: 'VENUE-001' } });
    expect(bot.container.get(HostScheduler).pending).toBe(0);
  });
});

describe('a bot', () => {
  it('lets go of everything when it stops while it trades', async () => {
    make();
    await bot.start();
    expect(bot.isRunning).toBe(true);
    await spawned(TASKS);
    await bot.stop();
    await bot.finished;
    expect([bot.isRunning, bot.container.get(LifecycleService).tasks]).toEqual([false, []]);
    expect([bot.container.get(Scheduler).pending, bot.container.get(HostScheduler).pending]).toEqual([0, 0]);
  });

  it('comes down when it is stopped while its parts still come up, in reverse of what had started', async () => {
    const log = watch(make());
    const starting = bot.start();
    const report = await bot.stop();
    await expect(starting).rejects.toMatchObject({ code: 'BOT-003' });
    const named = (verb: string): string[] =>
      log.filter((line) => line.startsWith(verb)).map((line) => line.slice(verb.length + 1));
    expect(report.failed).toEqual([]);
    expect(bot.isRunning).toBe(false);
    expect(new Set(named('stop'))).toEqual(new Set(named('start')));
    expect(bot.container.get(Scheduler).pending).toBe(0);
  });

  it('comes down when it is stopped in the middle of run()', async () => {
    watch(make());
    const running = bot.run();
    await bot.stop();
    await expect(running).rejects.toMatchObject({ code: 'BOT-003' });
    expect(bot.isRunning).toBe(false);
  });

  it('comes down although its venue never answers', async () => {
    make((container) => {
      container.rebind(RuntimeCoordinator).toConstantValue({
        name: 'runtime-coordinator',
        start: () => new Promise<void>(() => undefined),
        stop: () => undefined,
        reconcileStateOnStartup: () => Promise.resolve(),
        differences: () => Promise.resolve([]),
        resume: () => Promise.resolve(),
        isReduceOnlyMode: () => false,
        setReduceOnlyMode: () => Promise.resolve(),
      });
    });
    void bot.start();
    for (let i = 0; i < 50; i += 1) await Promise.resolve();
    expect((await bot.stop()).failed).toEqual([]);
    expect(() => bot.broker).toThrow(expect.objectContaining({ code: 'BOT-001' }));
  });

  it('runs once', async () => {
    make();
    await bot.run({ cycles: 1 });
    await expect(bot.run({ cycles: 1 })).rejects.toMatchObject({ code: 'BOT-003' });
  });

  it('starts once, also when two callers start it at the same time', async () => {
    make();
    const [first, second] = await Promise.allSettled([bot.open(), bot.open()]);
    expect([first.status, second]).toEqual([
      'fulfilled',
      { status: 'rejected', reason: expect.objectContaining({ code: 'BOT-003' }) },
    ]);
    await bot.stop();
    await expect(bot.open()).rejects.toMatchObject({ code: 'BOT-003' });
  });

  it('can be stopped before it was started, and twice', async () => {
    make();
    expect(await bot.stop()).toEqual({ stopped: [], failed: [] });
    await bot.open();
    const report = await bot.stop();
    expect(await bot.stop()).toEqual(report);
  });

  it('says that its run died to whoever awaits its end', async () => {
    make((container) => {
      container.rebind(LifecycleService).toConstantValue({
        running: false,
        tasks: [],
        requestStop: () => undefined,
        run: () => Promise.reject(new Error('died')),
      });
    });
    await bot.start();
    await expect(bot.finished).rejects.toThrow('died');
  });

  it('runs the tasks a host adds beside its own four', async () => {
    let aborted = false;
    const mine: BackgroundTask = {
      name: 'mine',
      enabled: true,
      run: (signal) => new Promise((resolve) => signal.addEventListener('abort', () => ((aborted = true), resolve()))),
    };
    make((container) => container.bind(BackgroundTask).toConstantValue(mine));
    await bot.start();
    await spawned([...TASKS, 'mine']);
    await bot.stop();
    expect(aborted).toBe(true);
  });
});
