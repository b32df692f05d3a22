import 'reflect-metadata';
import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  isTemplate,
  strategyFromTemplate,
  STRATEGY_TEMPLATES,
  type TemplateName,
} from '#src/cli/templates/strategy-templates.js';
import { testFromTemplate } from '#src/cli/templates/strategy-test.js';
import { perpsbot, type Said } from '../../support/command-line.js';
import { FakeHost } from './fake-host.js';

const NAMES = Object.keys(STRATEGY_TEMPLATES).filter(isTemplate);

/** Bars that cross means, touch bands and leave channels: of how many minutes, and how many of them. */
const BARS: Readonly<Record<TemplateName, readonly [minutes: number, count: number]>> = {
  'ema-cross': [15, 160],
  ladder: [15, 160],
  trailing: [60, 90],
  // Its filter of an hour is ready after more than a day.
  limits: [5, 560],
  breakout: [60, 90],
};

function csvOf([minutes, count]: readonly [number, number]): string {
  const price = (at: number): number =>
    50_000 + 900 * Math.sin(at / 15) + 400 * Math.sin(at / 4) + 60 * Math.sin(at * 2.3);
  const rows = Array.from({ length: count }, (_unused, i) => {
    const [open, close] = [price(i), price(i + 1)];
    const cells = [open, Math.max(open, close) + 20, Math.min(open, close) - 20, close].map((each) => each.toFixed(1));
    return [1_704_067_200_000 + i * minutes * 60_000, 'BTC-PERP', ...cells, 3].join(',');
  });
  return ['ts_ms,symbol,open,high,low,close,volume', ...rows, ''].join('\n');
}

describe('perpsbot strategy new', () => {
  it.each(NAMES)('writes %s as the documentation shows it, letter by letter', (name) => {
    const { called } = STRATEGY_TEMPLATES[name];
    const shown = readFileSync(`docs/examples/${called}.ts`, 'utf8')
      .split('\n')
      .filter((line) => !line.trim().startsWith('// #'))
      .join('\n');
    expect(strategyFromTemplate(name, called, true)).toBe(shown);
  });

  it.each([
    ['ladder', 19],
    ['limits', 18],
    ['breakout', 16],
  ] as const)('%s is told in %i lines of code, give or take a tenth', (name, meant) => {
    const lines = strategyFromTemplate(name, 'own', true).split('\n');
    const coded = lines.filter((line) => line.trim() !== '' && !/^\s*(\/\/|\/\*\*)/.test(line));
    expect(Math.abs(coded.length - meant) / meant).toBeLessThanOrEqual(0.1);
  });

  it('calls the strategy as its file is called, and overwrites nothing', async () => {
    const host = new FakeHost();
    expect(await host.run('strategy', 'new', 'My Trend.js', '--json')).toBe(0);
    expect(host.writtenFiles.get('My Trend.js')).toBe(strategyFromTemplate('ema-cross', 'my-trend', false));
    expect(host.writtenFiles.get('My Trend.test.js')).toBe(testFromTemplate('ema-cross', 'my-trend', 'My Trend.js'));
    expect(host.envelope().data).toMatchObject({ test: 'My Trend.test.js' });
    expect(await host.run('strategy', 'new', 'sub/7.mts', '--template', 'limits')).toBe(0);
    expect(host.writtenFiles.get('sub/7.mts')).toBe(strategyFromTemplate('limits', 'my-strategy', true));
    expect(host.writtenFiles.get('sub/7.test.mjs')).toMatch(/^import strategy from '\.\/7\.m[jt]s';$/m);
    host.files.set('here.js', new Uint8Array());
    expect(await host.run('strategy', 'new', 'here.js')).toBe(2);
    expect(await host.run('strategy', 'new', 'here.txt')).toBe(2);
    expect(await host.run('strategy', 'new', 'other.js', '--template', 'toString')).toBe(2);
    expect(host.stderr.written).toMatch(/must be one of ema-cross, ladder, trailing, limits, breakout, was "toString"/);
    host.files.set('tested.test.js', new Uint8Array());
    expect(await host.run('strategy', 'new', 'tested.js')).toBe(2);
    expect(host.stderr.written).toMatch(/tested\.test\.js must not exist, and does/);
    expect(host.writtenFiles.size).toBe(4);
  });

  it('says how TypeScript gets to a Node.js that does not read it, and which bars there are', async () => {
    const next = async (node: string, ...files: readonly string[]): Promise<readonly string[]> => {
      const host = new FakeHost();
      Object.assign(host, { build: { ...host.build, node } });
      for (const file of files) host.files.set(file, new Uint8Array());
      await host.run('strategy', 'new', 'my trend.ts', '--json');
      return host.envelope().data['next'] as readonly string[];
    };
    const sample = 'node_modules/perpsbot/docs/sample/synthetic-bars.csv';
    expect((await next('20.20.0'))[0]).toMatch(/^npx --package typescript tsc .* "my trend\.ts"$/);
    expect((await next('20.20.0'))[1]).toBe('perpsbot strategy check --strategy "./my trend.js" --data bars.csv');
    expect(await next('22.18.0', sample)).toEqual([
      ...['strategy check', 'backtest', 'explain'].map(
        (name) => `perpsbot ${name} --strategy "./my trend.ts" --data ${sample}`,
      ),
      'node --test "my trend.test.mjs"',
    ]);
    for (const node of ['23.5.0', '22.17.1', '20.19.0']) expect(await next(node)).toHaveLength(5);
    for (const node of ['23.6.0', '24.0.0']) expect(await next(node)).toHaveLength(4);
  });
});

describe('a template in a folder of its own', () => {
  let folder: string;
  const here = process.cwd();
  beforeAll(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'perpsbot-new-')));
    process.chdir(folder);
  });
  afterAll(() => {
    process.chdir(here);
    rmSync(folder, { recursive: true, force: true });
  });

  it.each(NAMES)('%s is checked, trades and is explained, by the commands that are named for it', async (name) => {
    writeFileSync('bars.csv', csvOf(BARS[name]));
    const written = await perpsbot('strategy', 'new', `${name}.mjs`, '--template', name, '--json');
    const did: Said[] = [];
    for (const line of (written.data['next'] as readonly string[]).filter((each) => each.startsWith('perpsbot'))) {
      // The longest of them is not run six times.
      const less = line.includes(' check ') && name === 'limits' ? ['--cuts', '2'] : [];
      did.push(await perpsbot(...line.split(' ').slice(1), ...less, '--json'));
    }
    expect(did.map(({ code }) => code)).toEqual([0, 0, 0]);
    const [checked, backtest, explained] = did;
    expect(checked?.data).toMatchObject({ name, lookAhead: { passed: true } });
    expect(backtest?.data['trades']).toBeGreaterThan(0);
    expect(explained?.data['trades']).toBe(backtest?.data['trades']);
  });
});
