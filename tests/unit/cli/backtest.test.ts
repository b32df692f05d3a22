import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import type { BacktestRequest } from '#src/runs/run-host.js';
import { overridesOf } from '#src/runs/config-overrides.js';
import { loadConfig } from '#config/index.js';
import { instrumentSpec } from '#src/testing/instruments.js';
import { FakeHouse } from '../backtest/fake-house.js';
import { FakeHost } from './fake-host.js';

const BARS = [
  'ts_ms,symbol,open,high,low,close,volume',
  ...Array.from({ length: 30 }, (_, index) => `${(index + 1) * 60_000},BTC-PERP,100,101,99,100.5,3`),
  '',
].join('\n');

function hosted(): { host: FakeHost; house: FakeHouse; requests: BacktestRequest[]; closed: () => boolean } {
  const host = new FakeHost();
  const house = new FakeHouse();
  const requests: BacktestRequest[] = [];
  [house.seed, house.lookback] = [42, 21];
  host.files.set('bars.csv', new TextEncoder().encode(BARS));
  host.onBacktest = async (request) => {
    requests.push(request);
    return house.session;
  };
  return { host, house, requests, closed: () => house.closed };
}

describe('perpsbot backtest', () => {
  it('runs the bars through the services of the host and reports in one envelope', async () => {
    const { host, requests, closed } = hosted();
    expect(
      await host.run(
        'backtest',
        '--data',
        'bars.csv',
        '--symbol',
        'BTC-PERP',
        '--strategy',
        'baseline',
        '--param',
        'shortMa=5',
        '--param',
        'longMa=20',
        '--seed',
        '42',
        '--json',
      ),
    ).toBe(0);
    expect(requests[0]).toMatchObject({
      mode: 'fast',
      startAt: 60_000,
      config: {
        world: 'backtest',
        fallbackProfile: 'demo',
        strategy: 'baseline',
        parameters: { shortMa: '5', longMa: '20' },
        seed: 42,
        symbols: ['BTC-PERP'],
        updateIntervalMs: 60_000,
      },
    });
    expect(host.envelope()).toMatchObject({
      kind: 'backtest.result',
      ok: true,
      data: {
        symbol: 'BTC-PERP',
        bars: 30,
        warmup: 21,
        trades: 0,
        fills: 0,
        seed: 42,
        equity: { start: '10000', end: '10000' },
        pnl: { price: '0', fees: '0', funding: '0', net: '0' },
        fundings: [],
        maxDrawdown: '0',
        sharpe: { value: null },
        traceHash: 'abc',
      },
      warnings: [{ code: 'W-FUND-001' }, { code: 'W-RUN-001' }],
    });
    expect(closed()).toBe(true);
    expect(host.listeningForSignals).toBe(0);
  });

  it('shows people the summary on standard output and warnings on standard error', async () => {
    const { host } = hosted();
    await host.run('backtest', '--data', 'bars.csv');
    expect(host.stdout.written).toMatch(
      /^BTC-PERP 1m, 1970-01-01T00:01 to 1970-01-01T00:31: 30 bars, the first 21 warm-up\n/,
    );
    for (const line of [
      /Trades +0 closed, 0 fills/,
      /Net +0\.00/,
      /Sharpe +0?too few samples|Sharpe +too few/,
      /What held trading back:\ngate +times +for +first\nsession +2 +2m/,
    ])
      expect(host.stdout.written).toMatch(line);
    expect(host.stderr.written).toMatch(/^! W-FUND-001 {2}Funding not simulated/m);
  });

  it('takes the only symbol of a file, and asks for one where there are several', async () => {
    const { host, requests } = hosted();
    await host.run('backtest', '--data', 'bars.csv');
    expect(requests[0]?.config.symbols).toEqual(['BTC-PERP']);

    const two = hosted();
    two.host.files.set('two.csv', new TextEncoder().encode(`${BARS}1,ETH-PERP,1,1,1,1,1\n`));
    expect(await two.host.run('backtest', '--data', 'two.csv')).toBe(5);
    expect(two.host.stderr.written).toMatch(/it holds BTC-PERP, ETH-PERP/);
  });

  it('journals through the store with --step', async () => {
    const { host, requests, house } = hosted();
    await host.run('backtest', '--data', 'bars.csv', '--step');
    expect(requests[0]?.mode).toBe('step');
    expect(house.flushes).toBe(31);
  });

  it('hands on every --param, so that __proto__ is refused and not lost', async () => {
    const { host, requests } = hosted();
    await host.run('backtest', '--data', 'bars.csv', '--param', '__proto__=1');
    expect(Object.keys(requests[0]?.config.parameters ?? {})).toEqual(['__proto__']);
  });

  it('takes a file that is there and cannot be read for a missing one, not for a defect', async () => {
    const { host } = hosted();
    host.dataFiles.open = () => {
      throw new Error('EISDIR: illegal operation on a directory, read');
    };
    expect(await host.run('backtest', '--data', 'bars')).toBe(5);
    expect(host.stderr.written).toMatch(/DATA-002 {2}--data must name a file that can be read, was bars: EISDIR/);
  });

  it('ends bad data and missing files with their own exit codes, before anything is built', async () => {
    const { host, requests } = hosted();
    host.files.set('nan.csv', new TextEncoder().encode(BARS.replace('120000,BTC-PERP,100,', '120000,BTC-PERP,NaN,')));
    expect(await host.run('backtest', '--data', 'nan.csv')).toBe(65);
    expect(host.stderr.written).toMatch(
      /DATA-003 {2}Row 2: open must be a positive decimal number, was "NaN"\.\n {2}Where nan\.csv:3\n/,
    );
    expect(await host.run('backtest', '--data', 'gone.csv')).toBe(5);
    expect(await host.run('backtest', '--data', 'bars.csv', '--symbol', 'XRP')).toBe(5);
    expect(await host.run('backtest', '--data', 'bars.csv', '--funding', 'gone.csv')).toBe(5);
    expect(requests).toEqual([]);
  });

  it('stops at the first signal with the result so far', async () => {
    const { host, house, closed } = hosted();
    house.onStep = (now) => {
      if (now !== 5 * 60_000) return;
      host.signal('SIGINT');
      house.pendingCount = 1;
    };
    expect(await host.run('backtest', '--data', 'bars.csv', '--json')).toBe(0);
    expect(host.envelope().data).toMatchObject({ aborted: true, bars: 4 });
    expect(closed()).toBe(true);
  });

  it('closes the session when the run fails', async () => {
    const { host, house, closed } = hosted();
    house.onStep = () => {
      throw new Error('broken');
    };
    expect(await host.run('backtest', '--data', 'bars.csv')).toBe(1);
    expect(closed()).toBe(true);
    expect(host.listeningForSignals).toBe(0);
  });

  it('shows progress only after a second, on standard error', async () => {
    const lines = Array.from({ length: 2_000 }, (_, index) => `${(index + 1) * 60_000},BTC-PERP,100,101,99,100.5,3`);
    const { host, house } = hosted();
    host.files.set(
      'long.csv',
      new TextEncoder().encode(`ts_ms,symbol,open,high,low,close,volume\n${lines.join('\n')}\n`),
    );
    house.onBar = () => {
      house.host += 4;
      host.timers.now += 4;
    };
    await host.run('backtest', '--data', 'long.csv', '--json');
    const shown = host.stderr.written.split('\n').filter((line) => line.startsWith('backtest '));
    expect(shown.length).toBeGreaterThan(3);
    expect(shown.length).toBeLessThanOrEqual(10);
    expect(shown[0]).toMatch(/^backtest 1\d % · 250 bars\/s · ETA 0:0\d · 0 fills$/);
    expect(host.envelope().kind).toBe('backtest.result');

    const quick = hosted();
    await quick.host.run('backtest', '--data', 'bars.csv', '--json');
    expect(quick.host.stderr.written).toBe('');
  });
});

describe('flags as configuration', () => {
  it('are overrides in the grammar of the files, which the configuration accepts', () => {
    const spec = instrumentSpec({ symbol: 'XRP/USDT:USDT', base: 'XRP' });
    const { config } = loadConfig({
      profile: 'demo',
      env: {},
      cwd: '/',
      overrides: overridesOf({
        world: 'backtest',
        symbols: ['XRP/USDT:USDT'],
        instruments: [spec],
        updateIntervalMs: 300_000,
        strategy: 'baseline',
        parameters: { shortMa: '3', enableShorts: 'true' },
        seed: 9,
        speed: 'max',
        stateDir: '/tmp/x',
      }),
    });
    expect(config).toMatchObject({
      world: 'backtest',
      dryRun: false,
      symbols: ['XRP/USDT:USDT'],
      updateIntervalMs: 300_000,
      strategy: { name: 'baseline' },
      simulation: { seed: 9, speed: 'max' },
      storage: { directory: '/tmp/x' },
      streaming: { enabled: false },
    });
    expect(config.strategy.params).toEqual({ shortMa: 3, enableShorts: true });
    const read = config.instruments['XRP/USDT:USDT'];
    for (const key of [
      'tick',
      'step',
      'minSize',
      'minNotional',
      'maxLeverage',
      'makerFee',
      'takerFee',
      'maintenanceRate',
    ] as const)
      expect([key, read?.[key].toString()]).toEqual([key, spec[key].toString()]);
    expect(read).toMatchObject({
      base: 'XRP',
      quote: 'USDT',
      settle: 'USDT',
      kind: 'perpetual',
      fundingIntervalHours: 8,
    });
  });

  it('say nothing where no flag was given (B-09)', () => {
    expect(JSON.parse(JSON.stringify(overridesOf({})))).toEqual({ strategy: {}, simulation: {}, storage: {} });
  });
});
