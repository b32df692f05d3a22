import 'reflect-metadata';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { tail } from '#src/storage/journal-reader.js';
import { journalPath } from '#src/storage/sqlite/journal-format.js';
import { perpsbotNow } from '../support/command-line.js';
import { requireBuild } from './support/lives.js';
import { Running } from './support/processes.js';

const LAUNCH = 'dist/launch.js';
const directories: string[] = [];
const processes: Running[] = [];

beforeAll(requireBuild);
afterEach(async () => {
  for (const running of processes.splice(0)) await running.end();
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true });
});

function newDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'perpsbot-control-'));
  directories.push(directory);
  return directory;
}

function run(...args: readonly string[]): Running {
  const running = new Running(args);
  processes.push(running);
  return running;
}

/** A trading bot of the command line, once its own door is open. */
async function started(state: string): Promise<Running> {
  const file = join(newDirectory(), 'bot.yaml');
  writeFileSync(file, 'profile: demo\nupdateInterval: 1s\n');
  const path = join(state, 'control.json');
  const door = (): string => (existsSync(path) ? readFileSync(path, 'utf8') : '');
  const before = door();
  const running = run(LAUNCH, 'start', '--config', file, '--state', state, '--speed', '20');
  await running.until('its door was open', () => door() !== before);
  return running.until('it had run a cycle', () => existsSync(join(state, 'health.json')));
}

interface Told {
  readonly code: number | null;
  readonly text: string;
}

/** A command in a process of its own, as a person gives it. */
async function launched(...args: readonly string[]): Promise<Told> {
  const running = run(LAUNCH, ...args);
  const { code } = await running.exited;
  return { code, text: `${running.stdout}${running.stderr}` };
}

/** The same command line in this process: what it says to the bot, and what the bot answers, is the same. */
async function perpsbot(...args: readonly string[]): Promise<Told> {
  const { code, stdout, stderr } = await perpsbotNow(...args);
  return { code, text: `${stdout}${stderr}` };
}

const records = (state: string, ...types: string[]): readonly string[] =>
  tail(journalPath(state), { types }).map(({ payload }) => JSON.stringify(payload));

describe('perpsbot status, halt, reduce-only and resume on a bot that runs', () => {
  it('stop it, show what it holds, and let it go on; Ctrl-C leaves no door behind', async () => {
    const state = join(newDirectory(), 'state');
    const bot = await started(state);
    expect(await perpsbot('status', '--state', state)).toMatchObject({
      code: 0,
      text: expect.stringContaining('NORMAL'),
    });

    const halted = await launched('halt', '--state', state, '--reason', 'it looks wrong');
    expect(halted).toMatchObject({ code: 0, text: expect.stringContaining('confirmed by the venue') });
    expect(await launched('status', '--state', state)).toMatchObject({
      code: 6,
      text: expect.stringMatching(/HALTED since .* by cli:.*: it looks wrong/),
    });
    expect((await perpsbot('resume', '--state', state)).code).toBe(2);
    const resumed = await perpsbot('resume', '--state', state, '--reason', 'looked at it');
    expect(resumed).toMatchObject({ code: 0, text: expect.stringContaining('NORMAL') });
    expect(await perpsbot('reduce-only', '--state', state, '--json')).toMatchObject({
      code: 0,
      text: expect.stringContaining('"state":"REDUCE_ONLY"'),
    });

    expect((await bot.send('SIGINT').exited).code).toBe(0);
    expect(readdirSync(state).filter((name) => /control|requests/.test(name))).toEqual([]);
    expect(records(state, 'operator_command').map((text) => (JSON.parse(text) as { command: string }).command)).toEqual(
      ['halt', 'resume', 'reduce-only'],
    );
  });

  it('halt it while more than 5,000 events come in a second (OP-01)', async () => {
    const [state, never] = [join(newDirectory(), 'state'), join(newDirectory(), 'never')];
    const bot = run('tests/simulation/support/busy-child.mjs', state, never, '10000');
    const counts = (): number[][] =>
      bot.stdout
        .trim()
        .split('\n')
        .map((line) => line.split(' ').map(Number));
    await bot.until(
      'marks had come for a second, and orders had left',
      () => counts().length > 4 && records(state, 'order_submission').length > 0,
    );

    const halted = await perpsbot('halt', '--state', state, '--reason', 'too fast');
    const done = counts().length;
    expect(halted).toMatchObject({ code: 0, text: expect.stringContaining('confirmed by the venue') });
    await bot.until('another second had passed', () => counts().length > done + 4);
    const [[from = 0, before = 0] = [], [to = 0, after = 0] = []] = [counts()[1], counts().at(-1)];
    expect((after - before) / ((to - from) / 1_000)).toBeGreaterThan(5_000);
    // No new send, and what rested was withdrawn, by the journal's own clock: twenty times as fast as the host's.
    const command = tail(journalPath(state), { types: ['operator_command'] })[0] ?? { seq: Infinity, at: 0 };
    const [tight = Infinity, asked = Infinity] = ['safety_state', 'cancel_all'].map(
      (type) => tail(journalPath(state), { types: [type], after: command.seq })[0]?.at ?? Infinity,
    );
    expect(tight - command.at).toBeLessThanOrEqual(100 * 20);
    expect(asked - command.at).toBeLessThanOrEqual(1_000 * 20);
    expect(tail(journalPath(state), { types: ['order_submission'], after: command.seq })).toEqual([]);
  });

  it('find each of two bots whose paths are too long for a socket and begin alike', async () => {
    const root = newDirectory();
    const states = ['one', 'two'].map((name) => join(root, 'x'.repeat(120), name));
    for (const state of states) mkdirSync(state, { recursive: true });
    const [first = '', second = ''] = states;
    await Promise.all(states.map((state) => started(state)));
    expect((await perpsbot('halt', '--state', first)).code).toBe(0);
    expect((await perpsbot('status', '--state', first)).code).toBe(6);
    expect((await perpsbot('status', '--state', second)).code).toBe(0);
  });
});

describe('perpsbot halt on a bot that hangs in its strategy', () => {
  it('says so within seconds, names process and heartbeat, and the bot obeys before its next order (OP-02)', async () => {
    const directory = newDirectory();
    const [state, file] = [join(directory, 'state'), join(directory, 'hang')];
    const bot = run('tests/simulation/support/busy-child.mjs', state, file);
    await bot.until(
      'it had sent an order',
      () => existsSync(journalPath(state)) && records(state, 'order_submission').length > 0,
    );
    writeFileSync(file, '');
    await new Promise((tick) => setTimeout(tick, 1_500));

    const asked = performance.now();
    const halted = await perpsbot('halt', '--state', state, '--reason', 'it hangs');
    expect(halted).toMatchObject({
      code: 9,
      text: expect.stringContaining(`DOES NOT ANSWER: process ${bot.pid}, last heard of `),
    });
    expect(Number(/last heard of (\d+) s ago/.exec(halted.text)?.[1])).toBeGreaterThanOrEqual(2);
    // Two seconds for an answer, and what a busy machine adds.
    expect(performance.now() - asked).toBeLessThan(10_000);
    expect(halted.text).toContain('obeys it before its next order');
    expect((await perpsbot('resume', '--state', state, '--reason', 'no')).code).toBe(9);
    expect(records(state, 'safety_state')).toEqual([]);

    const before = tail(journalPath(state), { limit: 1 }).at(-1)?.seq ?? 0;
    rmSync(file);
    await bot.until('it had taken the request', () => !existsSync(join(state, 'requests')));
    expect(await perpsbot('status', '--state', state)).toMatchObject({
      code: 6,
      text: expect.stringContaining('it hangs'),
    });
    const sent = tail(journalPath(state), { types: ['order_submission'], after: before });
    const tight = tail(journalPath(state), { types: ['safety_state'], after: before })[0]?.seq ?? 0;
    expect(tight).toBeGreaterThan(before);
    expect(sent.filter(({ seq }) => seq > tight)).toEqual([]);
    expect(sent).toEqual([]);
  });
});

describe('perpsbot status, halt and resume on a bot that does not run', () => {
  it('read its journal, leave the word for the next start, and say that nothing was sent', async () => {
    const state = join(newDirectory(), 'state');
    const bot = await started(state);
    // Stopped by its machine, not by anybody's word: it cannot answer, and its door still stands.
    bot.send('SIGSTOP');
    const asked = performance.now();
    expect(await perpsbot('status', '--state', state)).toMatchObject({
      code: 9,
      text: expect.stringMatching(new RegExp(`DOES NOT ANSWER: process ${bot.pid}, last heard of \\d+ s ago`)),
    });
    expect(performance.now() - asked).toBeLessThan(10_000);
    const health = await perpsbot('health', '--state', state);
    expect(health.text).toMatch(/^(alive|silent), last heard of \d+ s ago/);
    await bot.send('SIGKILL').exited;
    // As it lies there: the socket of a process that has died.
    expect(existsSync(join(state, 'control.sock'))).toBe(true);
    expect(await perpsbot('status', '--state', state)).toMatchObject({
      code: 0,
      text: expect.stringContaining('does not run, last heard of'),
    });
    await perpsbot('halt', '--state', state);
    await perpsbot('resume', '--state', state, '--reason', 'a mistake');
    expect((await perpsbot('status', '--state', state)).text).toMatch(
      /Next start +begins HALTED by cli:.*: halt, no reason given\n +Then +resumes once bot and venue agree, .*: a mistake/,
    );
    const halted = await perpsbot('halt', '--state', state, '--reason', 'while it is down');
    expect(halted.text).toContain('nothing, to no venue');
    expect(halted.text).toMatch(/Next start +begins HALTED by cli:.*: while it is down\n?/);
    expect(halted.text).not.toContain('Then');
    expect([0, 9]).toContain(halted.code);

    const second = await started(state);
    expect(await perpsbot('status', '--state', state)).toMatchObject({
      code: 6,
      text: expect.stringContaining('while it is down'),
    });
    expect(second.stderr).toMatch(/Halted by cli:.*: while it is down; what it holds is not known yet/);
    expect(second.stderr).toMatch(
      /The run before did not end in order: it was killed, or its machine failed; \d+ orders? /,
    );
    expect(second.stderr).toMatch(/Begins HALTED since .*, by cli:.*: while it is down; holds /);
    await second.send('SIGKILL').exited;

    expect(await perpsbot('resume', '--state', state, '--reason', 'all is well')).toMatchObject({
      code: 0,
      text: expect.stringContaining('the next start within 24 h resumes'),
    });
    const third = await started(state);
    await third.until('it had taken the request', () => !existsSync(join(state, 'requests')));
    expect(await perpsbot('status', '--state', state)).toMatchObject({
      code: 0,
      text: expect.stringContaining('NORMAL'),
    });
    expect(third.stderr).toMatch(/Resumed by cli:.*: all is well; holds /);
  });

  it('name what is wrong where there is no bot at all', async () => {
    const empty = newDirectory();
    const [known, missing] = [await perpsbot('status', '--state', empty), join(empty, 'none')];
    expect(known).toMatchObject({ code: 73, text: expect.stringMatching(/No bot has run .* no journal in it\./) });
    const halted = await perpsbot('halt', '--state', missing, '--profile', 'prod');
    expect(halted).toMatchObject({ code: 73, text: expect.stringContaining(`no state directory ${missing}.`) });
    expect(halted.text).toMatch(/Without --state it is \S+perps_bot.prod, where none has run either\./);
    expect(halted.text).not.toContain('ENOENT');
    expect(readdirSync(empty)).toEqual([]);
  });

  it('reach a bot whose configuration is refused: nothing of it is needed but where the state is', async () => {
    const directory = newDirectory();
    const file = join(directory, 'bot.yaml');
    writeFileSync(file, `profile: prod\nstrategy: { name: gone }\nstorage: { directory: '${directory}' }\n`);
    const commands = [['status'], ['halt'], ['reduce-only'], ['resume', '--reason', 'x'], ['flatten']];
    for (const command of [...commands, ['journal', 'tail']])
      for (const more of [
        ['--config', file],
        ['--config', file, '--profile', 'canary'],
        ['--state', directory],
      ])
        expect([command, await perpsbot(...command, ...more)]).toMatchObject([command, { code: 73 }]);
    writeFileSync(file, 'profile: [prod');
    expect(await perpsbot('halt', '--config', file)).toMatchObject({
      code: 78,
      text: expect.stringContaining('Name the state directory with --state DIR'),
    });
    expect((await perpsbot('halt', '--config', file, '--state', directory)).code).toBe(73);
  });
});
