import 'reflect-metadata';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { createBot } from '#di/create-bot.js';
import type { PerpsBot } from '#di/bot.js';
import type { BotContainer } from '#di/container.js';
import { Lifecycle } from '#src/ports/market-services/lifecycle.js';
import { Logger } from '#src/ports/configuration/logger.js';
import { tail, verify } from '#src/storage/journal-reader.js';
import { journalPath } from '#src/storage/sqlite/journal-format.js';
import { RecordingLogger } from '#src/testing/recording-logger.js';
import { perpsbotNow, type Said } from '../support/command-line.js';
import { requireBuild } from './support/lives.js';
import { Running } from './support/processes.js';

const LAUNCH = ['dist/launch.js'];
/** The same command line, a file a module, so that a part can be changed before it starts. */
const preloaded = (name: string): string[] => [
  '--import',
  resolve('tests/simulation/support', name),
  '.cache/modules/di/launch.js',
];
const SLOW = preloaded('slow-stop.mjs');
/** Trades about three times a host second at sixty times the speed. */
const TRADER = [
  'profile: demo',
  'updateInterval: 1s',
  'strategy:',
  '  shortMa: 2',
  '  longMa: 5',
  '  enableShorts: true',
  '',
].join('\n');
const KEPT = [
  'account.json',
  'exchange.db',
  'health.json',
  'instance.lock',
  'journal.db',
  'journal.db-witness',
  'metrics.json',
];

const directories: string[] = [];
const processes: Running[] = [];
const bots: PerpsBot[] = [];

function newDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'perpsbot-stop-'));
  directories.push(directory);
  return directory;
}

/** The command line on a state directory of its own, with a bot that trades. */
function start(program: readonly string[], directory: string, ...args: readonly string[]): Running {
  return startWith(TRADER, program, directory, ...args);
}

function startWith(config: string, program: readonly string[], directory: string, ...args: readonly string[]): Running {
  writeFileSync(join(directory, 'bot.yaml'), config);
  return run(
    ...program,
    'start',
    '--config',
    join(directory, 'bot.yaml'),
    '--state',
    join(directory, 'state'),
    ...args,
  );
}

function run(...args: readonly string[]): Running {
  const running = new Running(args);
  processes.push(running);
  return running;
}

/** The next start on the same directory: the same command line, in this process. */
const startedAgain = (directory: string): Promise<Said> =>
  perpsbotNow(
    ...['start', '--config', join(directory, 'bot.yaml'), '--state', join(directory, 'state')],
    ...['--cycles', '1', '--speed', 'max'],
  );

const trades = (directory: string): boolean => {
  const path = journalPath(join(directory, 'state'));
  return existsSync(path) && tail(path, { types: ['fill'] }).length > 0;
};

/** A bot in this process, on paper. */
function newBot(config: object = {}, overrides: (container: BotContainer) => void = () => undefined): PerpsBot {
  const bot = createBot({
    config: {
      profile: 'demo',
      storage: { driver: 'sqlite', directory: newDirectory() },
      simulation: { speed: 20 },
      ...config,
    },
    overrides: (container) => {
      container.rebind(Logger).toConstantValue(new RecordingLogger());
      overrides(container);
    },
  });
  bots.push(bot);
  return bot;
}

beforeAll(requireBuild);

afterEach(async () => {
  for (const running of processes.splice(0)) await running.end();
  for (const bot of bots.splice(0)) await bot.stop();
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true });
});

describe('perpsbot start, stopped by a signal', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)(
    'ends within 5 s of %s with code 0, a summary, a whole journal and nothing in the way of the next start (B-33, B-34, PR-01)',
    async (signal) => {
      const directory = newDirectory();
      const state = join(directory, 'state');
      const running = start(LAUNCH, directory, '--speed', '60');
      await running.until('it traded', () => trades(directory));
      const { code, after } = await running.send(signal).exited;

      expect({ code, stderr: running.stderr }).toEqual({
        code: 0,
        stderr: expect.stringContaining(`Stopping on ${signal}`),
      });
      expect(after).toBeLessThan(5_000);
      for (const line of [`ended: signal ${signal}`, 'Fills', 'Net', 'Equity', 'Safety'])
        expect(running.stdout).toContain(line);
      expect(readdirSync(state).sort()).toEqual(KEPT);
      expect(verify(journalPath(state)).problems).toEqual([]);
      expect(JSON.parse(readFileSync(join(state, 'health.json'), 'utf8'))).toMatchObject({ ok: true, running: false });

      expect(await startedAgain(directory)).toMatchObject({ code: 0 });
    },
    60_000,
  );

  it('ends with code 0 and no order when the signal comes while it starts', async () => {
    const directory = newDirectory();
    const running = start(preloaded('signal-while-starting.mjs'), directory, '--speed', 'max');
    expect(await running.exited).toMatchObject({ code: 0 });
    expect(running.stderr).toContain('Stopping on SIGINT');
    expect(running.stdout).toContain('ended: signal SIGINT');
    expect(tail(journalPath(join(directory, 'state')), { types: ['order', 'cycle_metrics'] })).toEqual([]);
    expect(await start(LAUNCH, directory, '--cycles', '1', '--speed', 'max').exited).toMatchObject({ code: 0 });
  }, 60_000);

  it('does not wait for the end of a sleep (B-34)', async () => {
    const directory = newDirectory();
    const running = startWith('profile: demo\nupdateInterval: 60s\n', LAUNCH, directory);
    await running.until('its first cycle was over', () => existsSync(join(directory, 'state', 'health.json')));
    const { code, after } = await running.send('SIGTERM').exited;
    expect(code).toBe(0);
    expect(after).toBeLessThan(5_000);
  }, 30_000);

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)(
    'ends at once on a second %s with code %i, its journal whole (PR-03)',
    async (signal, expected) => {
      const directory = newDirectory();
      const running = start(SLOW, directory, '--speed', '60');
      await running.until('it traded', () => trades(directory));
      running.send(signal);
      await running.until('it began to stop', () => running.stderr.includes(`Stopping on ${signal}`));
      expect(await running.send(signal).exited).toMatchObject({ code: expected });
      expect(verify(journalPath(join(directory, 'state'))).problems).toEqual([]);
      expect(await startedAgain(directory)).toMatchObject({ code: 0 });
    },
    60_000,
  );
});

describe('a bot that cannot start', () => {
  it('leaves with code 75 while another holds its state directory, which is not disturbed by it (CF-08)', async () => {
    const directory = newDirectory();
    const first = start(LAUNCH, directory, '--speed', '60');
    await first.until('it traded', () => trades(directory));
    expect(await startedAgain(directory)).toMatchObject({
      code: 75,
      stderr: expect.stringContaining('must be free, was held by process'),
    });
    expect(first.isOver).toBe(false);
    expect(await first.send('SIGTERM').exited).toMatchObject({ code: 0 });
  }, 60_000);

  it('leaves with code 73 where nothing can be written', async () => {
    const directory = newDirectory();
    writeFileSync(join(directory, 'file'), '');
    const running = run(...LAUNCH, 'start', '--state', join(directory, 'file', 'state'));
    expect(await running.exited).toMatchObject({ code: 73 });
    expect(running.stderr).toContain('must be writable');
  }, 30_000);
});

describe('a bot inside another program', () => {
  it('stops its parts in the reverse of the order in which it started them, streaming first, the journal last (DI-08)', async () => {
    const bot = newBot();
    const started: string[] = [];
    const stopped: string[] = [];
    for (const part of bot.container.getAll(Lifecycle)) {
      const { start: begin, stop: end } = part;
      part.start = () => {
        started.push(part.name);
        return begin.call(part);
      };
      part.stop = async () => {
        await end.call(part);
        stopped.push(part.name);
      };
    }
    await bot.start();
    await bot.stop();
    expect(started[0]).toBe('journal');
    expect(started.at(-1)).toBe('streaming');
    expect(started).toEqual(expect.arrayContaining(['generated-market', 'runtime-coordinator', 'market-data']));
    expect(stopped).toEqual([...started].reverse());
  });

  it('leaves no timer and no handle, however it ends, and frees its files for the next bot of the same process', async () => {
    const child = run('.cache/children/embed-child.js', newDirectory());
    expect({ exit: await child.exited, stderr: child.stderr }).toMatchObject({ exit: { code: 0 }, stderr: '' });
    const nothing = { resources: [], timers: 0, running: false };
    expect(JSON.parse(child.stdout)).toEqual({
      'cycles done': nothing,
      stopped: nothing,
      'stopped while starting': nothing,
      refused: nothing,
      refusal: ['BOT-002', 'STORE-005'],
    });
  }, 60_000);

  it('goes on stopping past a part that never ends, once its budget of host time is spent', async () => {
    const bot = newBot({ tasks: { stopBudget: '50ms' } }, (container) => {
      container
        .bind(Lifecycle)
        .toConstantValue({ name: 'stuck', start: () => undefined, stop: () => new Promise<void>(() => undefined) });
    });
    await bot.start();
    const report = await bot.stop();
    expect(report.failed).toEqual([{ name: 'stuck', error: expect.stringContaining('within 50 ms') }]);
    expect(report.stopped.at(-1)).toBe('journal');
  });
});
