import 'reflect-metadata';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { perpsbot, type Said } from '../support/command-line.js';
import { recordings } from '../support/recordings.js';
import { fundingCsv, marketCsv } from '../support/sweep.js';

const PARAMS = ['--param', 'shortMa=5', '--param', 'longMa=20', '--json'] as const;
const START = Date.UTC(2024, 0, 1);

let directory: string;
let bars: string;
let funding: string;
const path = (name: string): string => join(directory, name);

function write(name: string, content: string): string {
  writeFileSync(path(name), content);
  return path(name);
}

async function bring(catalog: string, ...flags: readonly string[]): Promise<void> {
  expect(await perpsbot('data', 'import', '--catalog', path(catalog), ...flags)).toMatchObject({ code: 0 });
}

const backtest = (...flags: readonly string[]): Promise<Said> => perpsbot('backtest', ...flags, ...PARAMS);
const codes = ({ warnings }: Said): string[] => warnings.map(({ code }) => code);

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'perpsbot-catalog-runs-'));
  bars = write('bars.csv', marketCsv(1_500));
  funding = write('funding.csv', fundingCsv(2));
  await bring('bars', '--from', bars, '--from', funding);
  const eth = marketCsv(1_500, 2).replaceAll('BTC-PERP', 'ETH-PERP');
  await bring('two', '--from', bars, '--from', write('eth.csv', eth));
  const { trades, quotes, changes, snapshot } = recordings(3_000);
  await bring('ticks', '--from', write('trades.csv', trades), '--from', write('quotes.csv', quotes));
  await bring('ticks', '--symbol', 'BTC-PERP', '--from', write('changes.csv', changes));
  await bring('ticks', '--symbol', 'BTC-PERP', '--from', write('snapshot.json', snapshot));
}, 60_000);
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** In and out again, bar by bar; it fails on every so many bars, where it is told to. */
const OWN = `export default {
  name: 'mine',
  parameters: ['every'],
  lookback: () => 1,
  create: ({ params }) => ({
    name: 'mine',
    lookback: 1,
    needsSnapshot: false,
    decide: ({ position, now }) => {
      if (params.every > 0 && (now / 60000) % params.every === 0) throw new TypeError('no such number');
      return position.lots === 0 ? { action: 'buy', reason: 'in', quantity: 10 } : { action: 'close', reason: 'out' };
    },
    onFill: () => undefined,
    snapshot: () => undefined,
    restore: () => undefined,
  }),
};
`;

describe('a strategy in a file', () => {
  /** A disk takes longer than all the rest. */
  const AT_ONCE = ['--speed', 'max', '--set', 'storage.driver=memory'];
  const state = (): string[] => ['--state', mkdtempSync(join(directory, 'state-'))];
  const run = (...words: readonly string[]): Promise<Said> => perpsbot(...words, '--json');
  let own: string;
  beforeAll(() => {
    own = write('mine.mjs', OWN);
  });

  it('is the same in history and on paper, over a file and over a catalog, however it is named', async () => {
    const market = ['--catalog', path('bars'), '--to', '2024-01-01T02:00'];
    const history = await run('backtest', ...market, '--strategy', own);
    expect(history).toMatchObject({ code: 0, data: { strategy: 'mine' } });
    const config = write('bot.yaml', `profile: demo\nstrategy: { file: ${own} }\n`);
    for (const words of [
      ['--set', `strategy.file=${own}`],
      ['--config', config],
    ])
      expect((await run('backtest', ...market, ...words)).data.traceHash).toBe(history.data.traceHash);

    const paper = await run('paper', ...market, '--strategy', own, ...AT_ONCE);
    expect(paper).toMatchObject({ code: 0, data: { stoppedBy: 'the recorded market has ended' } });
    expect(Number(paper.data['fills'])).toBeGreaterThan(100);
    const { pnl } = history.data as unknown as { readonly pnl: object };
    expect(paper.data['pnl']).toEqual(pnl);
    const file = await run('paper', '--data', write('few.csv', marketCsv(60)), '--config', config, ...AT_ONCE);
    expect(Number(file.data['fills'])).toBeGreaterThan(50);
  });

  it('is the same in history and on paper where marks, index prices and rates lie beside the bars', async () => {
    const rows = (column: string, everyMs: number, off: number): string =>
      `ts_ms,symbol,${column}\n${Array.from({ length: 360 }, (_, row) => `${START + row * everyMs},BTC-PERP,${40_000 + off + (row % 7)}`).join('\n')}\n`;
    const [mark, index] = [
      write('marks.csv', rows('mark_price', 20_000, 5)),
      write('index.csv', rows('index_price', 30_000, 1)),
    ];
    const stamps = [10, 11].map((minute) => `${START + minute * 60_000},BTC-PERP,0.01`);
    const rates = write('rates.csv', ['ts_ms,symbol,funding_rate', ...stamps, ''].join('\n'));
    for (const file of [bars, mark, index, rates]) await bring('valued', '--from', file);
    const market = ['--catalog', path('valued'), '--symbol', 'BTC-PERP', '--to', '2024-01-01T02:00', '--strategy', own];
    const [history, paper] = [await run('backtest', ...market), await run('paper', ...market, ...AT_ONCE)];
    const { pnl, fills, data } = history.data as unknown as Readonly<Record<string, { readonly source: string }>>;
    expect(data?.source).toMatch(/mark of BTC-PERP \w+, index of BTC-PERP \w+, funding of BTC-PERP/);
    expect(paper).toMatchObject({ code: 0, data: { pnl, fills } });
    expect(Number(fills)).toBeGreaterThan(10);
    expect(pnl).toMatchObject({ funding: expect.not.stringMatching(/^-?0$/) });
  });

  it('runs where a start runs, and each command knows it that looks at the configuration', async () => {
    const started = await run('start', '--strategy', own, '--cycles', '60', ...AT_ONCE);
    expect(started).toMatchObject({ code: 0, data: { orders: { failed: 0 } } });
    expect(Number(started.data['fills'])).toBeGreaterThan(5);
    const config = write('with-file.yaml', `profile: demo\nstrategy: { file: ${own} }\n`);
    expect((await run('config', 'check', '--config', config)).data).toMatchObject({ strategy: 'mine' });
    expect((await run('verify', '--config', config)).code).toBe(0);
    expect((await run('doctor', '--config', config, ...state())).code).toBe(0);
    expect((await run('strategy', 'check', '--config', config)).data).toMatchObject({ name: 'mine' });
  });

  it('that fails ends a backtest with the error and no result, is not ranked, and is explained', async () => {
    const market = ['--data', write('some.csv', marketCsv(150)), '--strategy', own];
    const fails = await run('backtest', ...market, '--param', 'every=3');
    expect([fails.code, JSON.parse(fails.stdout)]).toMatchObject([
      4,
      {
        ok: false,
        data: null,
        error: {
          code: 'STRAT-005',
          message: expect.stringMatching(
            /^mine must decide at every step, and failed 50 times in 150 steps, first at 2024-01-01T\S+ on BTC-PERP: no such number/,
          ),
        },
      },
    ]);
    const out = join(directory, 'sweep-of-failures');
    const sweep = await run(
      'optimize',
      ...market,
      '--param',
      'every=0,3',
      '--objective',
      'net',
      '--jobs',
      '1',
      '--out',
      out,
    );
    expect(sweep).toMatchObject({
      code: 0,
      data: { count: { ranked: 1, failed: 1 }, best: { parameters: { every: '0' } } },
    });
    expect(sweep.warnings.map(({ message }) => message).join()).toMatch(/with every=3: STRAT-005 mine must decide/);
    const why = await run('explain', ...market, '--param', 'every=3');
    expect((why.data['causes'] as unknown[])[0]).toMatchObject({ kind: 'error', name: 'strategy_error', times: 50 });
    expect(why).toMatchObject({
      code: 0,
      data: {
        headline: expect.stringMatching(
          /^The strategy failed 50 times in 150 steps, and did nothing there: no such number/,
        ),
      },
    });
  });

  it.each([
    ['strategy: { name: nobody }', 'CFG-008'],
    ['strategy: { params: { nothing: 1 } }', 'CFG-008'],
    ['strategy: { file: ./not-there.mjs }', 'STRAT-002'],
  ])('is refused by every check that start would fail after: %s', async (line, code) => {
    const config = write('refused.yaml', `profile: demo\n${line}\n`);
    const said = async (...words: readonly string[]): Promise<unknown> => {
      const { code: exit, stderr } = await perpsbot(...words, '--config', config, ...state());
      return [exit, stderr.includes(code)];
    };
    for (const words of [
      ['start', '--cycles', '1'],
      ['config', 'check'],
      ['strategy', 'check'],
    ])
      expect([words, await said(...words)]).toEqual([words, [78, true]]);
    expect((await perpsbot('verify', '--config', config)).code).not.toBe(0);
    expect((await perpsbot('doctor', '--config', config, ...state())).code).toBe(3);
  });
});

describe('a backtest from a catalog', () => {
  it('is over bars what it is over the file they came from, to the trace', async () => {
    const [file, catalog] = [
      await backtest('--data', bars, '--funding', funding),
      await backtest('--catalog', path('bars')),
    ];
    expect([file.code, catalog.code]).toEqual([0, 0]);
    expect({ ...catalog.data, data: undefined }).toEqual({ ...file.data, data: undefined });
    expect((catalog.data['data'] as { fingerprint: string }).fingerprint).toBe(
      (file.data['data'] as { fingerprint: string }).fingerprint,
    );
    expect(catalog.data).toMatchObject({
      data: { source: expect.stringMatching(/^catalog: bars 1m of BTC-PERP \w{12}, funding of BTC-PERP \w{12}$/) },
    });
    expect(Number(catalog.data['trades'])).toBeGreaterThan(5);
    const part = await backtest('--catalog', path('bars'), '--from', '2024-01-01T06:00', '--to', '2024-01-01T12:00Z');
    expect(part.data).toMatchObject({ from: '2024-01-01T06:00:00.000Z', to: '2024-01-01T12:00:00.000Z', bars: 360 });
  });

  it('trades several symbols in one account', async () => {
    const both = await backtest('--catalog', path('two'), '--symbol', 'btc-perp', '--symbol', 'ETH-PERP');
    expect(both.data).toMatchObject({
      symbol: 'BTC-PERP,ETH-PERP',
      bars: 3_000,
      steps: 1_500,
      interval: '1m',
      equity: { start: '10000' },
    });
    expect((both.data['positions'] as readonly unknown[]).length).toBe(2);
    const [btc, eth] = [
      await backtest('--catalog', path('two'), '--symbol', 'BTC-PERP'),
      await backtest('--catalog', path('two'), '--symbol', 'ETH-PERP'),
    ];
    expect(Number(both.data['trades'])).toBeGreaterThan(
      Math.max(Number(btc.data['trades']), Number(eth.data['trades'])),
    );
    const unnamed = await perpsbot('backtest', '--catalog', path('two'));
    expect([unnamed.code, unnamed.stderr]).toEqual([
      2,
      expect.stringContaining('--symbol must name one of BTC-PERP, ETH-PERP'),
    ]);
  });

  it('is driven by trades, quotes and depth, with events and steps told apart', async () => {
    const interval = ['--interval', '1s'];
    const over = (...kinds: readonly string[]): Promise<Said> =>
      backtest('--catalog', path('ticks'), ...interval, ...kinds.flatMap((kind) => ['--kind', kind]));
    const [trades, quoted, deep] = [
      await over('trades'),
      await over('quotes', 'trades'),
      await over('depth', 'trades'),
    ];
    for (const said of [trades, quoted, deep]) {
      expect(said).toMatchObject({ code: 0, data: { interval: '1s', warmup: 21, symbol: 'BTC-PERP' } });
      expect(Number(said.data['fills'])).toBeGreaterThan(3);
      expect(Number(said.data['trades'])).toBeGreaterThan(0);
      expect(Number(said.data['steps'])).toBeGreaterThan(500);
    }
    expect([trades.data['bars'], quoted.data['bars'], deep.data['bars']]).toEqual([3_000, 6_000, 6_001]);
    expect(
      new Set([trades, quoted, deep].map(({ data }) => (data['data'] as { fingerprint: string }).fingerprint)).size,
    ).toBe(3);
    const stepped = await backtest(
      '--catalog',
      path('ticks'),
      ...interval,
      '--kind',
      'trades',
      '--step',
      '--state',
      path('steps'),
    );
    expect(stepped.data).toEqual(trades.data);
    const told = await perpsbot(
      'backtest',
      '--catalog',
      path('ticks'),
      ...interval,
      '--kind',
      'trades',
      '--param',
      'shortMa=5',
      '--param',
      'longMa=20',
    );
    expect(told.stdout).toMatch(/^BTC-PERP 1s, .*: 3000 events in \d+ steps, the first 21 warm-up/);
    expect(told.stderr).toMatch(/The first 21 steps of 1s are warm-up/);
  });

  it('names silences in the run, a book without its beginning, and what comes along', async () => {
    const rows = recordings(400).trades.split('\n');
    const cut = [
      ...rows.slice(0, 200),
      ...rows.slice(200).map((row) => row.replace(/^\d+/, (at) => String(Number(at) + 600_000))),
    ].join('\n');
    await bring(
      'gaps',
      '--from',
      write('cut.csv', cut),
      '--from',
      write(
        'mark.csv',
        `ts_ms,symbol,mark_price\n${START - 60_000},BTC-PERP,1\n${START + 20_000},BTC-PERP,40000\n${START + 9e8},BTC-PERP,1`,
      ),
    );
    await bring('gaps', '--symbol', 'BTC-PERP', '--from', path('changes.csv'));
    const said = await backtest(
      '--catalog',
      path('gaps'),
      '--kind',
      'trades',
      '--kind',
      'depth',
      '--set',
      'updateInterval=1s',
    );
    expect(codes(said)).toEqual(expect.arrayContaining(['W-DATA-011', 'W-DATA-012', 'W-FUND-001', 'W-RUN-001']));
    expect(said.warnings.find(({ code }) => code === 'W-DATA-012')?.message).toContain(
      'begins without a snapshot, the run has none',
    );
    // Marks before and behind the trades make no run longer: one row of three is taken.
    expect(said.data).toMatchObject({ interval: '1s', data: { source: expect.stringContaining('mark of BTC-PERP') } });
    expect(said.data['from']).toMatch(/^2024-01-01T00:00:00/);
    expect(said.data['to']).toMatch(/^2024-01-01T00:1\d/);
  });

  it('refuses a book that does not tell its time', async () => {
    const said = await perpsbot(
      'data',
      'import',
      '--catalog',
      path('other'),
      '--symbol',
      'X',
      '--from',
      write('untimed.json', JSON.stringify({ lastUpdateId: 5, bids: [['1', '1']], asks: [['2', '1']] })),
    );
    expect([said.code, said.stderr]).toEqual([65, expect.stringContaining('must tell the time of its book')]);
  });
});

describe('settings of one run', () => {
  it('and the files that settings name are looked at by config check as a start would', async () => {
    const checked = async (setting: string): Promise<readonly [number, string]> => {
      const config = write('files.yaml', `profile: demo\nsimulation:\n  ${setting}\n`);
      const { code, stderr } = await perpsbot('config', 'check', '--config', config);
      return [code, stderr];
    };
    const [gone, bad, good] = [
      path('gone.csv'),
      write('bad.csv', 'order,response\n1,2\n'),
      write('delays.csv', 'order_ms,response_ms\n1,2\n'),
    ];
    expect(await checked(`latency: { file: '${good}' }`)).toEqual([0, '']);
    expect(await checked(`latency: { file: '${bad}' }`)).toEqual([78, expect.stringContaining('its header was order')]);
    for (const setting of [`latency: { file: '${gone}' }`, `margin: { tiers: '${gone}' }`])
      expect(await checked(setting)).toEqual([78, expect.stringContaining(gone)]);
    expect(await checked(`matching: { filterChanges: '${gone}' }`)).toEqual([5, expect.stringContaining(gone)]);
  });

  it('change it, stand in its result and in the command of its report', async () => {
    const set = ['--set', 'simulation.latency.order=90s', '--set', 'instruments.BTC-PERP.takerFee=0.2%'];
    const [plain, late] = [
      await backtest('--data', bars),
      await backtest('--data', bars, ...set, '--report', path('late.html')),
    ];
    expect(plain.data['overrides']).toBeUndefined();
    expect(late.data['overrides']).toEqual({
      'simulation.latency.order': '90s',
      'instruments.BTC-PERP.takerFee': '0.2%',
    });
    expect(late.data.traceHash).not.toBe(plain.data.traceHash);
    expect(late.data).toMatchObject({ instrument: { takerFee: '0.002' } });
    expect(readFileSync(path('late.html'), 'utf8')).toContain(
      '--set simulation.latency.order=90s --set instruments.BTC-PERP.takerFee=0.2%',
    );
    const wrong = await perpsbot('backtest', '--data', bars, '--set', 'simulation.latency.ordre=1s');
    expect([wrong.code, wrong.stderr]).toEqual([
      78,
      expect.stringMatching(/Unknown key "ordre" in simulation\.latency; did you mean "order"\?/),
    ]);
  });
});

describe('other commands over a catalog', () => {
  it('explain a run over trades, mark texts and steps included', async () => {
    const said = await perpsbot(
      'explain',
      '--catalog',
      path('ticks'),
      '--kind',
      'trades',
      '--interval',
      '1s',
      '--param',
      'longMa=5000',
      '--json',
    );
    expect(said).toMatchObject({
      code: 0,
      data: { trades: 0, fills: 0, source: expect.stringMatching(/^a backtest of 3000 events/) },
    });
    expect(Number(said.data['steps'])).toBeLessThan(1_000);
  });

  it('refuse what is not the bars of one symbol where they need just that', async () => {
    const file = write(
      'own.js',
      `import { defineStrategy } from ${JSON.stringify(new URL('../../dist/index.js', import.meta.url).href)};\nexport default defineStrategy({ name: 'own', params: {}, setup: () => ({}), onBar({ hold }) { hold('idle'); } });\n`,
    );
    const trades = await perpsbot('strategy', 'check', file, '--catalog', path('ticks'), '--kind', 'trades');
    expect([trades.code, trades.stderr]).toEqual([
      2,
      expect.stringContaining(
        'The look-ahead check must be given the bars of one symbol, was given trades of BTC-PERP',
      ),
    ]);
    // One that never asks for anything has shown nothing.
    const idle = await perpsbot('strategy', 'check', file, '--catalog', path('bars'), '--json');
    expect(idle).toMatchObject({ code: 3, data: { lookAhead: { passed: false, asked: 0, finding: null } } });
    const whole = await perpsbot('strategy', 'check', write('mine.mjs', OWN), '--catalog', path('bars'), '--json');
    expect(whole).toMatchObject({ code: 0, data: { lookAhead: { passed: true } } });
    const named = await perpsbot('strategy', 'check', '--strategy', 'baseline', '--catalog', path('bars'), ...PARAMS);
    expect(named).toMatchObject({ code: 0, data: { name: 'baseline', lookAhead: { passed: true } } });
  });
});
