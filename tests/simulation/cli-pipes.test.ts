import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { verify } from '#src/storage/journal-reader.js';
import { journalPath } from '#src/storage/sqlite/journal-format.js';
import { requireBuild } from './support/lives.js';

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const directory = mkdtempSync(join(tmpdir(), 'perpsbot-pipes-'));
const SAMPLE = 'docs/sample/synthetic-bars.csv';
const state = join(directory, 'state of mine');

/** Runs the built command line; `leave` closes the named stream as soon as anything was read from it. */
function perpsbot(
  args: readonly string[],
  leave?: 'stdout' | 'stderr',
  variables: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['dist/launch.js', ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...variables },
    });
    const read = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].on('data', (chunk: Buffer) => {
        read[name] += chunk.toString();
        if (leave === name) child[name].destroy();
      });
    }
    child.on('error', reject).on('close', (code) => resolve({ code, ...read }));
  });
}

beforeAll(async () => {
  requireBuild();
  const bars = Array.from(
    { length: 60 },
    (_, index) =>
      `${1_640_995_200_000 + index * 60_000},BTC-PERP,100,101,99,${(100 + Math.sin(index / 3)).toFixed(2)},1`,
  );
  writeFileSync(join(directory, 'bars.csv'), ['ts_ms,symbol,open,high,low,close,volume', ...bars, ''].join('\n'));
  expect(await perpsbot(['start', '--cycles', '150', '--speed', 'max', '--state', state])).toMatchObject({ code: 0 });
}, 30_000);

afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe('a reader that leaves early', () => {
  it('ends no command with a crash', async () => {
    for (const args of [
      ['journal', 'export', '--state', state],
      ['journal', 'tail', '--last', '100000', '--state', state],
      ['--help'],
    ]) {
      const { code, stderr } = await perpsbot(args, 'stdout');
      expect({ args, code, stderr }).toEqual({ args, code: 0, stderr: '' });
    }
  }, 30_000);

  it('does not stop a bot: it runs to its end and leaves a whole journal', async () => {
    const { code, stdout } = await perpsbot(['start', '--cycles', '150', '--speed', 'max', '--state', state], 'stderr');
    expect(code).toBe(0);
    expect(stdout).toMatch(/ended: 150 cycles done/);
    expect(verify(journalPath(state)).ok).toBe(true);
  }, 30_000);
});

describe('a backtest in steps', () => {
  it('leaves the journal of a bot alone: it must have one of its own', async () => {
    const data = join(directory, 'bars.csv');
    const before = verify(journalPath(state)).records;
    const refused = await perpsbot(['backtest', '--data', data, '--step', '--state', state, '--json']);
    expect(refused.code).toBe(73);
    expect(JSON.parse(refused.stdout)).toMatchObject({
      ok: false,
      error: { code: 'STORE-003', message: expect.stringContaining('a journal of its own') },
    });
    expect(verify(journalPath(state)).records).toBe(before);

    expect((await perpsbot(['backtest', '--data', data, '--step', '--state', join(directory, 'own')])).code).toBe(0);
  }, 30_000);
});

describe('a strategy that lies where no package is', () => {
  it('imports this one all the same, also by a file of its own and in the threads of a sweep', async () => {
    const file = join(directory, 'mine.js');
    expect((await perpsbot(['strategy', 'new', file])).code).toBe(0);
    const sample = readFileSync(file, 'utf8');
    expect(sample).toContain("from 'perpsbot'");
    writeFileSync(file, sample.replace("'perpsbot'", "'./tools.js'"));
    writeFileSync(join(directory, 'tools.js'), "export * from 'perpsbot';\n");
    const sweep = ['--param', 'fast=5..7:2', '--param', 'slow=20', '--jobs', '2', '--out', join(directory, 'sweep')];
    for (const args of [['backtest'], ['optimize', ...sweep]]) {
      const { code, stdout } = await perpsbot([...args, '--data', SAMPLE, '--strategy', file, '--json']);
      expect({ code, error: (JSON.parse(stdout) as { error: unknown }).error }).toEqual({ code: 0, error: null });
    }
  }, 30_000);
});

describe('a profile named by a variable', () => {
  it('holds in whatever case the variable is written, before the fallback of a command', async () => {
    for (const name of ['PERPSBOT__PROFILE', 'perpsbot__profile']) {
      const { stdout } = await perpsbot(['config', 'show', '--json'], undefined, { [name]: 'spot' });
      expect(
        (JSON.parse(stdout) as { data: { values: { path: string; value: unknown }[] } }).data.values.find(
          ({ path }) => path === 'profile',
        )?.value,
      ).toBe('spot');
    }
  });
});
