import 'reflect-metadata';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { perpsbot, type Said } from '../../support/command-line.js';
import { marketCsv } from '../../support/sweep.js';

const START = Date.UTC(2024, 0, 1);
const directory = mkdtempSync(join(tmpdir(), 'perpsbot-said-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));
const path = (name: string): string => join(directory, name);

function write(name: string, content: string): string {
  writeFileSync(path(name), content);
  return path(name);
}

/** Three hours apart; that of 09:00 is not there. */
const rates = [0, 3, 6].map((hour) => `${START + hour * 3_600_000},BTC-PERP,0.0001`);
const market: string[] = [];
beforeAll(() => {
  const bars = write('bars.csv', marketCsv(640));
  const funding = write('funding.csv', ['ts_ms,symbol,funding_rate', ...rates, ''].join('\n'));
  market.push('--data', bars, '--funding', funding);
});

describe('what is known of the data', () => {
  it.each<readonly [string, readonly string[]]>([
    ['backtest', []],
    ['explain', []],
    ['paper', ['--speed', 'max', '--set', 'storage.driver=memory']],
    ['optimize', ['--param', 'shortMa=5,8', '--jobs', '1', '--out', path('sweep')]],
    [
      'walk-forward',
      ['--param', 'shortMa=5,8', '--jobs', '1', '--train', '400', '--test', '200', '--out', path('walk')],
    ],
    ['monte-carlo', ['--runs', '10', '--seed', '1']],
  ])('is said by %s: a stamp without a rate', async (command, words) => {
    const { code, warnings } = await perpsbot(command, ...market, ...words, '--json');
    expect([code, warnings.filter((warning) => warning.code === 'W-FUND-002')]).toEqual([
      expect.any(Number),
      [
        {
          code: 'W-FUND-002',
          message: expect.stringContaining(
            '1 funding stamp has no known rate and is not paid, the first at 2024-01-01T09:00:00.000Z',
          ),
        },
      ],
    ]);
  });
});

describe('what settings make of entries', () => {
  it('is said in the last lines of a backtest, counted, and in its findings', async () => {
    const set = [
      '--set',
      'strategy.maxTradeNotional=200 USDT',
      '--param',
      'shortMa=5',
      '--param',
      'longMa=20',
      '--param',
      'enableShorts=false',
    ];
    const run = (...words: readonly string[]): Promise<Said> => perpsbot('backtest', ...market, ...set, ...words);
    const { data } = await run('--json');
    const { cuts, switchedOff } = data as unknown as Readonly<Record<string, readonly { readonly times: number }[]>>;
    expect(cuts).toMatchObject([{ limit: 'strategy.maxTradeNotional' }]);
    expect(switchedOff).toMatchObject([
      { setting: 'strategy.enableShorts', reason: expect.stringContaining('shorts are off') },
    ]);
    const { stdout } = await run('--report', path('sheet.html'));
    expect(stdout).toMatch(
      new RegExp(`\n${cuts?.[0]?.times} entries made smaller by strategy.maxTradeNotional, first at 2024`),
    );
    expect(stdout).toMatch(
      new RegExp(`\n${switchedOff?.[0]?.times} times? no entry because of strategy.enableShorts \\("Bearish`),
    );
    const page = readFileSync(path('sheet.html'), 'utf8');
    expect(page).toContain('entries made smaller by strategy.maxTradeNotional');
    expect(page).toContain('asked for no entry because of strategy.enableShorts');
    expect(page).toMatch(/longMa=20.*registered by its name|registered by its name.*longMa=20/s);
  });

  it('does not hide what a strategy of one s own was: its file stands in the report, with its fingerprint', async () => {
    const text = `export default { name: 'idle', parameters: ['every'], lookback: () => 1, create: () => ({ name: 'idle', lookback: 1, needsSnapshot: false, decide: () => ({ action: 'hold', reason: 'idle' }), onFill: () => undefined, snapshot: () => undefined, restore: () => undefined }) };\n`;
    const file = write('idle.mjs', text);
    await perpsbot('backtest', ...market, '--strategy', file, '--param', 'every=3', '--report', path('own.html'));
    const page = readFileSync(path('own.html'), 'utf8');
    expect(page).toContain(createHash('sha256').update(text).digest('hex'));
    expect(page).toContain('every=3');
  });
});
