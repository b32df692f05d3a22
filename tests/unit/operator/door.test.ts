import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createBot } from '#di/create-bot.js';
import type { PerpsBot } from '#di/bot.js';
import { ask, readDescription, type DoorAnswer } from '#src/operator/control/client.js';
import type { Command, Description } from '#src/operator/control/messages.js';
import { folderOf } from '#src/operator/control/place.js';
import { NodeFiles } from '#src/platform/node-files.js';
import { HostTimers } from '#src/platform/time/host-timers.js';
import { hostTime } from '#src/platform/time/host-time.js';
import { HostScheduler } from '#src/ports/configuration/scheduler.js';
import { ControlDoor } from '#src/ports/core-services/control-door.js';
import { Logger } from '#src/ports/configuration/logger.js';
import { EventStore } from '#src/ports/storage/event-store.js';
import { SafetyLadder } from '#src/ports/storage/safety-ladder.js';
import { RequestsFolder } from '#src/storage/requests-folder.js';
import { RecordingLogger } from '#src/testing/recording-logger.js';

const directories: string[] = [];
const bots: PerpsBot[] = [];
afterEach(async () => {
  for (const bot of bots.splice(0)) await bot.stop();
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true });
});

function newDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'pb-door-'));
  directories.push(directory);
  return directory;
}

/** Timers of the host that do not make a test wait for the next look. */
class QuickLooks extends HostTimers {
  override after(delayMs: number, callback: () => void): () => void {
    return super.after(delayMs === 1_000 ? 10 : delayMs, callback);
  }
}

async function opened(directory: string, quickly = false): Promise<PerpsBot> {
  const bot = createBot({
    config: {
      profile: 'demo',
      storage: { driver: 'sqlite', directory },
      simulation: { speed: 20 },
    },
    overrides: (container) => {
      container.rebind(Logger).toConstantValue(new RecordingLogger());
      if (quickly) container.rebind(HostScheduler).toConstantValue(new QuickLooks(hostTime));
    },
  });
  bots.push(bot);
  await bot.open();
  return bot;
}

const described = (directory: string): Description => {
  const description = readDescription(readFileSync(join(directory, 'control.json'), 'utf8'));
  if (description === undefined) throw new Error('no description');
  return description;
};

function say(
  directory: string,
  command: Command,
  change: Partial<Description> = {},
  more: { readonly strategy?: string } = {},
): Promise<DoorAnswer> {
  const meant = {
    folder: folderOf(directory),
    description: { ...described(directory), ...change },
    file: join(directory, 'control.json'),
  };
  const message = { command, actor: 'cli:ada', reason: 'looks wrong', withinMs: 5_000, ...more };
  return ask(meant, message, new HostTimers(hostTime));
}

const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

function replaced(path: string): void {
  rmSync(path);
  writeFileSync(path, '{}');
}

const lateState = (bot: PerpsBot): string => bot.container.get(SafetyLadder).state;

describe('the control door', () => {
  it('answers in the state directory, for its owner alone, and leaves nothing behind', async () => {
    const directory = newDirectory();
    const bot = await opened(directory);
    const path = bot.container.get(ControlDoor).path as string;

    expect(path).toBe(join(folderOf(directory).path, 'control.sock'));
    expect(lstatSync(path).isSocket()).toBe(true);
    expect([statSync(path).mode & 0o777, statSync(directory).mode & 0o777]).toEqual([0o600, 0o700]);
    expect(described(directory)).toMatchObject({ pid: process.pid, socket: path });
    expect(await say(directory, 'status')).toMatchObject({ outcome: 'answered', result: { state: 'NORMAL' } });

    await bot.stop();
    expect([path, join(directory, 'control.json')].map((file) => existsSync(file))).toEqual([false, false]);
  });

  it.each([
    ['its socket is removed', (directory: string) => rmSync(join(directory, 'control.sock'))],
    ['its description is removed', (directory: string) => rmSync(join(directory, 'control.json'))],
    ['another description is put in its place', (directory: string) => replaced(join(directory, 'control.json'))],
    [
      'another file is put in the place of its socket',
      (directory: string) => replaced(join(directory, 'control.sock')),
    ],
  ])('stands again when %s', async (_what, take) => {
    const directory = newDirectory();
    const bot = await opened(directory, true);
    take(directory);
    const answered = async (): Promise<boolean> => {
      const told = (bot.container.get(Logger) as RecordingLogger).at('error').length > 0;
      return told && (await say(directory, 'status')).outcome === 'answered';
    };
    for (let i = 0; i < 1_000 && !(await answered().catch(() => false)); i += 1) await turn();
    expect(await say(directory, 'status')).toMatchObject({ outcome: 'answered', result: { state: 'NORMAL' } });
  });

  it('leaves the description alone that stands in the place of its directory', async () => {
    const directory = newDirectory();
    const bot = await opened(directory, true);
    renameSync(directory, `${directory}-aside`);
    directories.push(`${directory}-aside`);
    mkdirSync(directory);
    writeFileSync(join(directory, 'control.json'), 'of another bot');
    await bot.stop();
    expect(readFileSync(join(directory, 'control.json'), 'utf8')).toBe('of another bot');
  });

  it('carries out halt and resume, each in the journal with actor and reason (I-24)', async () => {
    const directory = newDirectory();
    const bot = await opened(directory);
    expect(await say(directory, 'halt')).toMatchObject({
      outcome: 'answered',
      result: { state: 'HALTED', withdrawal: { done: true } },
    });
    expect(lateState(bot)).toBe('HALTED');
    expect(await say(directory, 'resume')).toMatchObject({ outcome: 'answered', result: { state: 'NORMAL' } });
    const commands = bot.events.query({ types: ['operator_command'] }).map(({ payload }) => payload);
    expect(commands).toEqual([
      { command: 'halt', actor: 'cli:ada', reason: 'looks wrong' },
      { command: 'resume', actor: 'cli:ada', reason: 'looks wrong' },
    ]);
  });

  it('lets nobody go on who is not suspended, and says who is', async () => {
    const directory = newDirectory();
    const bot = await opened(directory);
    expect(await say(directory, 'strategy resume', {}, { strategy: 'x' })).toMatchObject({
      outcome: 'refused',
      code: 'CTRL-002',
      message: expect.stringContaining('no strategy is suspended'),
    });
    expect(bot.events.query({ types: ['operator_command', 'operator_outcome'] }).map(({ payload }) => payload)).toEqual(
      [
        { command: 'strategy resume', strategy: 'x', actor: 'cli:ada', reason: 'looks wrong' },
        expect.objectContaining({ command: 'strategy resume', strategy: 'x', actor: 'cli:ada', outcome: 'refused' }),
      ],
    );
  });

  it('hears several at the same time: a halt does not wait for anybody', async () => {
    const directory = newDirectory();
    const bot = await opened(directory);
    const answers = await Promise.all(
      (['status', 'halt', 'reduce-only', 'halt', 'status'] as const).map((command) => say(directory, command)),
    );
    expect(answers.map(({ outcome }) => outcome)).toEqual(Array.from({ length: 5 }, () => 'answered'));
    expect(lateState(bot)).toBe('HALTED');
  });

  it.each([
    ['account', { account: 'somebody-else' }, 'its account is'],
    ['instance', { instance: 'an-earlier-life' }, 'another process'],
    ['folder', { folder: { path: '/elsewhere', id: '1:1' } }, 'was meant'],
  ] as const)('is not mistaken for another bot: the %s differs, and both sides refuse', async (_what, change, why) => {
    const directory = newDirectory();
    const bot = await opened(directory);
    const meant = { ...described(directory), ...change };
    const folder = 'folder' in change ? change.folder : folderOf(directory);
    const file = join(directory, 'control.json');
    const message = { command: 'halt', actor: 'a', reason: 'b', withinMs: 100 } as const;
    await expect(ask({ folder, description: meant, file }, message, new HostTimers(hostTime))).rejects.toThrow(why);

    // A client that does not look for itself is refused by the door.
    const lines = await talk(described(directory).socket, [
      { perpsbot: 1, folder, account: meant.account, instance: meant.instance },
      message,
    ]);
    expect(lines[1]).toMatchObject({ refused: { code: 'CTRL-001', message: expect.stringContaining(why) } });
    expect(lateState(bot)).toBe('NORMAL');
  });

  it.each([['{"perpsbot":1}'], ['not json'], ['']])('refuses a peer that says %j', async (line) => {
    const directory = newDirectory();
    await opened(directory);
    const lines = await talk(described(directory).socket, [line]);
    expect(lines[1]).toMatchObject({ refused: { code: 'CTRL-001' } });
  });

  it('cuts off a peer that says very much, and goes on', async () => {
    const directory = newDirectory();
    await opened(directory);
    expect(await talk(described(directory).socket, ['x'.repeat(100_000)], '')).toEqual([]);
    expect(await say(directory, 'status')).toMatchObject({ outcome: 'answered' });
  });

  it('opens over the socket of a process that died, and not over anything else', async () => {
    const directory = newDirectory();
    const socket = join(folderOf(directory).path, 'control.sock');
    const dead = createServer();
    await new Promise<void>((listening) => dead.listen(socket, listening));
    // As a killed process leaves it: the name without anybody behind it.
    const kept = `${socket}.kept`;

    renameSync(socket, kept);
    await new Promise<void>((closed) => void dead.close(() => closed()));
    renameSync(kept, socket);
    await opened(directory);
    expect(await say(directory, 'status')).toMatchObject({ outcome: 'answered' });

    const other = newDirectory();
    writeFileSync(join(other, 'control.sock'), 'mine');
    await expect(opened(other)).rejects.toMatchObject({ code: 'BOT-002', cause: { code: 'STORE-003' } });
    expect(readFileSync(join(other, 'control.sock'), 'utf8')).toBe('mine');
  });

  it('is not trusted once others may use it', async () => {
    const directory = newDirectory();
    await opened(directory);
    chmodSync(described(directory).socket, 0o666);
    expect(() => void say(directory, 'halt')).toThrow('open to others');
  });

  it('takes up what waits beside the journal before anything trades, and while it runs', async () => {
    const directory = newDirectory();
    const files = new NodeFiles();
    const leave = (command: 'halt' | 'reduce-only', reason: string): void =>
      void new RequestsFolder(directory).leave({ command, actor: 'cli:ada', reason, at: Date.now() }, (path, text) =>
        files.writeAtomic(path, text),
      );
    leave('reduce-only', 'before');
    const bot = await opened(directory);
    expect(lateState(bot)).toBe('REDUCE_ONLY');

    leave('halt', 'while it runs');
    expect(bot.container.get(SafetyLadder).permits(true)).toBe(false);
    while (existsSync(join(directory, 'requests'))) await new Promise((tick) => setTimeout(tick, 50));
    const events = bot.container.get(EventStore);
    expect(events.query({ types: ['operator_command'] }).map(({ payload }) => payload)).toMatchObject([
      { command: 'reduce-only', actor: 'cli:ada', reason: 'before' },
      { command: 'halt', actor: 'cli:ada', reason: 'while it runs' },
    ]);
    expect(lateState(bot)).toBe('HALTED');
  });
});

/** Lines that the door says to a client that is not ours. */
function talk(socket: string, lines: readonly (object | string)[], end = '\n'): Promise<unknown[]> {
  return new Promise((resolve) => {
    const client = connect(socket);
    let text = '';
    client.setEncoding('utf8');
    client.on('data', (chunk: string) => (text += chunk));
    client.on('error', () => undefined);
    client.on('close', () =>
      resolve(
        text
          .split('\n')
          .filter((line) => line !== '')
          .map((line) => JSON.parse(line) as unknown),
      ),
    );
    for (const line of lines) client.write(`${typeof line === 'string' ? line : JSON.stringify(line)}${end}`);
  });
}
