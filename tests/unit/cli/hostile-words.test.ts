import 'reflect-metadata';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { COMMANDS } from '#src/cli/commands/index.js';
import { perpsbot } from '../../support/command-line.js';

/** Stands for a way up and over to the test's own directory: what lies above the checkout is not the test's to read. */
const UP = '../..';
/** What people and scripts write where something else was meant. */
const WORDS = [
  '',
  ' ',
  'nonsense',
  'x'.repeat(300),
  '1e400',
  '-1',
  '0',
  'NaN',
  '99999999999999999999',
  '0.1',
  'a=',
  '=a',
  '{}',
  '%',
  UP,
  '\u0000',
  '\u{1f4a5}',
  'redis://:::',
  'http://[',
  '2022-13-45',
  '/dev/null',
];
/** These wait for a network, a signal or the time of day. */
const ENDLESS = new Set(['worker', 'data download', 'paper --speed']);
const BARS = [
  ['1640995200000', 'BTC-PERP', '100', '101', '99', '100.5', '10'],
  ['1640995260000', 'BTC-PERP', '100.5', '102', '100', '101', '12'],
  ['1640995320000', 'BTC-PERP', '101', '103', '100', '102', '11'],
];
const HEADER = 'ts_ms,symbol,open,high,low,close,volume';
const csv = (rows: readonly (readonly string[])[], header = HEADER): string =>
  `${[header, ...rows.map((row) => row.join(','))].join('\n')}\n`;

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'perpsbot-words-'));
  mkdirSync(join(root, 'directory'));
  writeFileSync(join(root, 'bars.csv'), csv(BARS));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** A command line that would do its work. */
function sound(name: string): string[] {
  const market = ['--data', join(root, 'bars.csv')];
  const more: Readonly<Record<string, readonly string[]>> = {
    backtest: market,
    paper: [...market, '--speed', 'max'],
    optimize: [...market, '--param', 'shortMa=2..3:1', '--jobs', '1'],
    'walk-forward': [...market, '--param', 'shortMa=2..3:1', '--train', '2', '--test', '1', '--jobs', '1'],
    'monte-carlo': [...market, '--runs', '1', '--jobs', '1'],
    explain: market,
    start: ['--cycles', '1', '--speed', 'max'],
    report: ['--from', join(root, 'none.json'), '--out', join(root, 'page.html')],
    // Without a market: it would serve until a signal.
    'venue serve': ['--protocol', 'binance-usdm'],
    'data import': ['--from', join(root, 'bars.csv')],
  };
  return [...name.split(' '), ...(more[name] ?? [])];
}

/** The words with this flag's value, in the place of the one it has. */
function withFlag(words: readonly string[], flag: string, value: string): string[] {
  const at = words.indexOf(flag);
  return at < 0 ? [...words, flag, value] : [...words.slice(0, at + 1), value, ...words.slice(at + 2)];
}

let runs = 0;
async function expectNoDefect(words: readonly string[]): Promise<void> {
  const state = join(root, `state-${(runs += 1)}`);
  const { code, stderr } = await perpsbot(...words, '--state', state);
  rmSync(state, { recursive: true, force: true });
  const defect = /UNEXPECTED|NUM-001|ORDER-001|LEDGER-001|TIME-001|SWEEP-001/.exec(stderr)?.[0];
  expect({ words, code, defect, stderr: defect === undefined ? '' : stderr.slice(0, 500) }).toEqual({
    words,
    code,
    defect: undefined,
    stderr: '',
  });
}

/** What they name is made, or walked with all its folders: not where the tests stand. */
const WRITTEN = new Set(['--report', '--save', '--out', '--catalog', '--from']);

/** Each flag once: commands share what they say of the same thing. */
const said = new Set<string>();
const valued = COMMANDS.filter(({ name }) => !ENDLESS.has(name)).flatMap(({ name, flags }) =>
  flags
    .filter(({ flags: spelled, text }) => spelled.includes('<') && said.size < said.add(`${spelled} ${text}`).size)
    .map(({ flags: spelled }) => [name, spelled.split(' ')[0] as string] as const)
    .filter((words) => !ENDLESS.has(words.join(' '))),
);

describe('words that make no sense are refused, and are no defect of the program', () => {
  it.each(valued)('%s %s', async (name, flag) => {
    for (const each of WORDS) {
      const word = each === UP ? relative(process.cwd(), root) : each;
      const inside =
        WRITTEN.has(flag) && word !== '' && !word.startsWith('/') ? join(root, 'some', 'place', 'below', word) : word;
      await expectNoDefect(withFlag(sound(name), flag, inside));
    }
  });

  it('the queue of a worker', async () => {
    for (const word of WORDS) {
      const { code, stderr } = await perpsbot('worker', '--queue', word, '--data', root);
      expect([word, code]).toEqual([word, 2]);
      expect(stderr).toContain('--queue must be a Redis URL');
    }
  });
});

interface SchemaNode {
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly additionalProperties?: SchemaNode | boolean;
}

/** Paths of everything that a configuration names itself: symbols, venues, tiers. */
function* named({ properties = {}, additionalProperties }: SchemaNode, path: readonly string[]): Generator<string[]> {
  for (const [key, node] of Object.entries(properties)) yield* named(node, [...path, key]);
  if (typeof additionalProperties !== 'object') return;
  yield [...path];
  yield* named(additionalProperties, [...path, 'BTC-PERP']);
}
const schema = JSON.parse(readFileSync('config/profiles/perpsbot.schema.json', 'utf8')) as SchemaNode;
const dictionaries = [...named(schema, [])];

describe('a name in the configuration with nothing said of it', () => {
  it.each(dictionaries.map((path) => [path.join('.'), path] as const))('under %s', async (_name, path) => {
    const file = join(root, 'named.json');
    for (const leaf of [{ a: {} }, { 'BTC-PERP': {} }, { 'BTC-PERP': null }, { 'BTC-PERP': 'x' }]) {
      writeFileSync(file, JSON.stringify({ profile: 'demo', ...nested(path, leaf) }));
      const { code, stderr } = await perpsbot('config', 'check', '--config', file);
      expect({ leaf, code, stderr }).not.toMatchObject({ stderr: expect.stringMatching(/UNEXPECTED|NUM-001/) });
    }
  });

  const nested = (path: readonly string[], leaf: unknown): Record<string, unknown> =>
    path.reduceRight<unknown>((inner, key) => ({ [key]: inner }), leaf) as Record<string, unknown>;
});

const CELLS = [
  '1e400',
  '-1e400',
  '1e-400',
  '9'.repeat(40),
  `0.${'0'.repeat(60)}1`,
  'x'.repeat(300),
  '',
  '-1',
  '0',
  'NaN',
  'Infinity',
  '0x10',
  '1 000',
  '\u0000',
  '1e18',
  '1e300',
];
const FUNDING = [
  ['1640995200000', 'BTC-PERP', '0.0001'],
  ['1640995260000', 'BTC-PERP', '0.0001'],
];
const TRADES = [
  ['1', '100', '0.5', '50', '1640995200000', 'true'],
  ['2', '101', '0.4', '40.4', '1640995200500', 'false'],
];
const TABLES = [
  ['bars', HEADER, BARS, (path: string) => ['backtest', '--data', path, '--symbol', 'BTC-PERP']],
  ['bars', HEADER, BARS, (path: string) => ['data', 'import', '--from', path]],
  [
    'funding',
    'ts_ms,symbol,funding_rate',
    FUNDING,
    (path: string) => ['backtest', '--data', join(root, 'bars.csv'), '--funding', path],
  ],
  [
    'trades',
    'id,price,qty,quote_qty,time,is_buyer_maker',
    TRADES,
    (path: string) => ['data', 'import', '--from', path, '--symbol', 'BTCUSDT'],
  ],
] as const;
const COLUMNS = TABLES.flatMap(([what, header, rows, words]) =>
  header.split(',').map((name, column) => ({ what, name, column, header, rows, words })),
);

describe('a cell that makes no sense is refused with its file and line, and is no defect of the program', () => {
  it.each(COLUMNS)('of $what: $name', async ({ column, header, rows, words }) => {
    const path = join(root, 'cell.csv');
    for (const cell of CELLS) {
      const wrong = rows.map((row) => [...row]);
      (wrong[1] as string[])[column] = cell;
      writeFileSync(path, csv(wrong, header));
      const state = join(root, 'cells');
      const { code, stderr } = await perpsbot(...words(path), '--state', state);
      rmSync(state, { recursive: true, force: true });
      expect({ cell, code, stderr }).not.toMatchObject({ stderr: expect.stringMatching(/UNEXPECTED|NUM-001/) });
      if (/DATA-00[13]/.test(stderr)) expect(stderr).toMatch(/Where [^\n]*cell\.csv/);
    }
  });
});
