import 'reflect-metadata';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { COMMANDS } from '#src/cli/commands/index.js';
import { perpsbot } from '../../support/command-line.js';

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'perpsbot-out-'));
  writeFileSync(join(root, 'file'), 'a file');
  mkdirSync(join(root, 'directory'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Its inputs are missing: whoever names the output first has looked at it before any work. */
const MISSING = ['--data', '/nowhere/bars.csv'];
const GRID = ['--param', 'shortMa=2..3:1'];
/** Every flag that names what a command writes, with the rest of a command line that would get on to its work. */
const FILES: Readonly<Record<string, readonly string[]>> = {
  'backtest --report': MISSING,
  'backtest --save': MISSING,
  'report --out': ['--from', '/nowhere/run.json'],
  'journal export --out': [],
  'data download --out': ['--venue', 'nowhere', '--symbol', 'A/B', '--from', '2024-01-01', '--to', '2024-01-02'],
};
const DIRECTORIES: Readonly<Record<string, readonly string[]>> = {
  'optimize --out': [...MISSING, ...GRID],
  'walk-forward --out': [...MISSING, ...GRID, '--train', '10', '--test', '5'],
  'data import --catalog': ['--from', '/nowhere/bars.csv'],
};
/** Flags that read like outputs and are none. */
const READ_ONLY = ['data ls --catalog', 'data verify --catalog', 'explain --catalog'];

const wordsOf = (name: string, path: string, rest: readonly string[]): string[] => [...name.split(' '), path, ...rest];

async function refused(name: string, path: string, rest: readonly string[]): Promise<void> {
  const state = name.startsWith('journal') ? await journal() : join(root, 'state');
  const { code, stderr } = await perpsbot(...wordsOf(name, path, rest), '--state', state);
  expect({ name, path, code, stderr }).toMatchObject({ code: 73, stderr: expect.stringContaining('STORE-003') });
  expect(stderr).toContain(path);
  expect(stderr).not.toMatch(/UNEXPECTED|\d %/);
}

let journalState: string | undefined;
async function journal(): Promise<string> {
  if (journalState === undefined) {
    journalState = join(root, 'journal');
    await perpsbot('start', '--cycles', '1', '--speed', 'max', '--state', journalState);
  }
  return journalState;
}

describe('what a command will write to is looked at before its work', () => {
  it.each(Object.entries(FILES))('%s: a directory, a place below a file, a name too long', async (name, rest) => {
    for (const path of [join(root, 'directory'), join(root, 'file', 'below'), join(root, 'x'.repeat(300))])
      await refused(name, path, rest);
  });

  it.each(Object.entries(DIRECTORIES))('%s: a file, a place below a file, a name too long', async (name, rest) => {
    for (const path of [join(root, 'file'), join(root, 'file', 'below'), join(root, 'x'.repeat(300))])
      await refused(name, path, rest);
  });

  it('by every command that has such a flag', () => {
    const known = [...Object.keys(FILES), ...Object.keys(DIRECTORIES), ...READ_ONLY];
    const outputs = COMMANDS.flatMap(({ name, flags }) =>
      flags
        .filter(({ flags: spelled, text }) => /^--(out|report|save)\b/.test(spelled) || /\bwrite|results/.test(text))
        .map(({ flags: spelled }) => `${name} ${spelled.split(' ')[0]}`),
    );
    expect(outputs.length).toBeGreaterThan(5);
    expect(outputs.filter((each) => !known.includes(each))).toEqual([]);
  });

  it('and is never what is read, nor another of its own', async () => {
    const bars = join(root, 'bars.csv');
    writeFileSync(bars, 'ts_ms,symbol,open,high,low,close,volume\n');
    const report = join(root, 'report.html');
    const state = await journal();
    const path = join(state, 'journal.db');
    const before = readFileSync(path);
    for (const words of [
      ['backtest', '--data', bars, '--report', bars],
      ['backtest', '--data', bars, '--save', report, '--report', report],
      ['backtest', '--data', '/nowhere.csv', '--funding', bars, '--save', join(root, '.', 'bars.csv')],
      ['report', '--from', bars, '--out', bars],
      ['journal', 'export', '--out', path],
    ]) {
      const { code, stderr } = await perpsbot(...words, '--state', state);
      expect({ words, code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining('CLI-001') });
    }
    expect(readFileSync(path).equals(before)).toBe(true);
    expect(existsSync(report)).toBe(false);
  });

  it('and is no part of the state of a bot, whatever writes', async () => {
    const state = await journal();
    const bars = join(root, 'sound.csv');
    writeFileSync(bars, 'ts_ms,symbol,open,high,low,close,volume\n');
    for (const name of ['journal.db-wal', 'journal.db-witness', 'exchange.db', 'instance.lock']) {
      const path = join(state, name);
      writeFileSync(path, 'what was acknowledged', { flag: 'a' });
      const before = readFileSync(path);
      for (const words of [
        ['journal', 'export', '--out', path, '--state', state],
        ['backtest', '--data', bars, '--report', path],
        ['report', '--from', bars, '--out', path],
      ]) {
        const { code, stderr } = await perpsbot(...words);
        expect({ words, code, stderr }).toMatchObject({ code: 73, stderr: expect.stringContaining('STORE-003') });
      }
      expect(readFileSync(path).equals(before)).toBe(true);
    }
  });

  it('leaves nothing there', async () => {
    await perpsbot('backtest', ...MISSING, '--report', join(root, 'directory', 'report.html'));
    expect(readdirSync(join(root, 'directory'))).toEqual([]);
  });
});
