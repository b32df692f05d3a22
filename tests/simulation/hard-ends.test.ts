import 'reflect-metadata';
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { tail, verify } from '#src/storage/journal-reader.js';
import { journalPath } from '#src/storage/sqlite/journal-format.js';
import { requireBuild } from './support/lives.js';
import { Running } from './support/processes.js';

/** Trades about three times a host second at sixty times the speed. */
const TRADER = 'profile: demo\nupdateInterval: 1s\nstrategy:\n  shortMa: 2\n  longMa: 5\n  enableShorts: true\n';

const directories: string[] = [];
const processes: Running[] = [];

function newDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'perpsbot-ends-'));
  directories.push(directory);
  writeFileSync(join(directory, 'bot.yaml'), TRADER);
  return directory;
}

function start(directory: string, ...args: readonly string[]): Running {
  const state = join(directory, 'state');
  const running = new Running([
    'dist/launch.js',
    ...['start', '--config', join(directory, 'bot.yaml'), '--state', state, '--speed', '60', ...args],
  ]);
  processes.push(running);
  return running;
}

const fills = (state: string): number =>
  existsSync(journalPath(state)) ? tail(journalPath(state), { types: ['fill'] }).length : 0;

beforeAll(requireBuild);

afterEach(async () => {
  for (const running of processes.splice(0)) await running.end();
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true });
});

describe('a bot whose state directory is taken away', () => {
  it('ends with code 74 and names what is gone; nobody starts in its place before; back there it goes on', async () => {
    const directory = newDirectory();
    const [state, aside] = [join(directory, 'state'), join(directory, 'aside')];
    const first = start(directory);
    await first.until('it traded', () => fills(state) > 0);
    renameSync(state, aside);
    const { code } = await first.exited;

    expect({ code, stderr: first.stderr }).toEqual({ code: 74, stderr: expect.stringContaining('STORE-007') });
    expect(first.stderr).toContain(state);
    expect(existsSync(journalPath(state))).toBe(false);
    expect(existsSync(join(state, 'health.json'))).toBe(false);

    renameSync(aside, state);
    expect(verify(journalPath(state)).problems).toEqual([]);
    expect(await start(directory, '--cycles', '1').exited).toMatchObject({ code: 0 });
  }, 60_000);
});

describe('a bot that is killed again and again (PR-22)', () => {
  it('comes up LOCKED after three times, stays up, and sends nothing', async () => {
    const directory = newDirectory();
    const state = join(directory, 'state');
    const sent = (): number => tail(journalPath(state), { types: ['order_submission'] }).length;
    let before = 0;
    for (let life = 0; life < 3; life += 1) {
      const running = start(directory);
      await running.until('it traded', () => fills(state) > before);
      await running.send('SIGKILL').exited;
      before = fills(state);
    }
    const sentBefore = sent();
    const last = start(directory, '--cycles', '30', '--json');
    expect(await last.exited).toMatchObject({ code: 0 });
    const { data } = JSON.parse(last.stdout) as { data: Record<string, unknown> };
    expect(data).toMatchObject({ cycles: 30, safety: { state: 'LOCKED', reason: 'crash_loop' } });
    expect(last.stderr).toContain('Started LOCKED');
    // What was filled as it died is heard of now; nothing new leaves.
    expect(sent()).toBe(sentBefore);
    const health = JSON.parse(readFileSync(join(state, 'health.json'), 'utf8')) as unknown;
    expect(health).toMatchObject({ ok: false, safety: 'LOCKED' });
  }, 120_000);
});

describe('a bot whose terminal is closed, or that is killed', () => {
  it('stops in order on SIGHUP, with code 0', async () => {
    const directory = newDirectory();
    const running = start(directory);
    await running.until('it traded', () => fills(join(directory, 'state')) > 0);
    expect(await running.send('SIGHUP').exited).toMatchObject({ code: 0 });
    expect(running.stdout).toContain('ended: signal SIGHUP');
  }, 60_000);

  it('is known as killed at once by its lock, whatever its heartbeat says', async () => {
    const directory = newDirectory();
    const state = join(directory, 'state');
    const health = (): Running => {
      const asked = new Running(['dist/launch.js', 'health', '--state', state]);
      processes.push(asked);
      return asked;
    };
    const running = start(directory);
    await running.until('its first cycle was over', () => existsSync(join(state, 'health.json')));
    expect(await health().exited).toMatchObject({ code: 0 });
    await running.send('SIGKILL').exited;
    const asked = health();
    expect(await asked.exited).toMatchObject({ code: 3 });
    expect(asked.stdout).toMatch(/^killed, /);
  }, 60_000);
});
