import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { shellLine } from '#src/runs/report-files.js';
import { parseRun, type SavedRun } from '#src/report/run-record.js';
import { FakeHouse } from '../backtest/fake-house.js';
import { sampleRun } from '../report/sample-run.js';
import type { ResolvedConfig } from '#src/runs/config-request.js';
import type { BacktestRequest } from '#src/runs/run-host.js';
import { testConfig } from '../../support/config.js';
import { decimal, FakeHost } from './fake-host.js';

const BARS = [
  'ts_ms,symbol,open,high,low,close,volume',
  ...Array.from({ length: 30 }, (_, index) => `${(index + 1) * 60_000},BTC-PERP,100,101,99,100.5,3`),
  '',
].join('\n');

function hosted(): { host: FakeHost; house: FakeHouse; listeners: () => number } {
  const host = new FakeHost();
  const house = new FakeHouse();
  let listeners = 0;
  const listen = (): (() => void) => {
    listeners += 1;
    return () => void (listeners -= 1);
  };
  Object.assign(house.services.portfolio, { onFill: listen, onPosting: listen });
  host.files.set('my bars.csv', new TextEncoder().encode(BARS));
  [house.seed, house.lookback] = [42, 21];
  host.onBacktest = async () => house.session;
  return { host, house, listeners: () => listeners };
}

describe('perpsbot backtest --report', () => {
  it('writes one page, whole or not at all, and says where', async () => {
    const { host, listeners } = hosted();
    const atomic: string[] = [];
    host.writeAtomic = (path, content) => void atomic.push(path, content);
    expect(await host.run('backtest', '--data', 'my bars.csv', '--report', 'out/run.html')).toBe(0);
    expect(atomic[0]).toBe('out/run.html');
    expect(atomic[1]).toMatch(/^<!doctype html>/);
    expect([...host.writtenFiles.keys()]).toEqual([]);
    expect(host.stdout.written).toMatch(/Report {2}out\/run\.html\n$/);
    expect(listeners()).toBe(0);
  });

  it('leaves the result of --json as it was, and adds where the page stands', async () => {
    const plain = hosted();
    await plain.host.run('backtest', '--data', 'my bars.csv', '--json');
    const watched = hosted();
    await watched.host.run('backtest', '--data', 'my bars.csv', '--report', 'run.html', '--save', 'run.json', '--json');
    expect(watched.host.envelope().data).toEqual({
      ...plain.host.envelope().data,
      report: 'run.html',
      saved: 'run.json',
    });
    expect(plain.host.envelope().data).toMatchObject({
      data: { source: 'my bars.csv', fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/) },
      liquidations: 0,
      rejects: {},
    });
  });

  it('watches nothing when no page was asked for', async () => {
    const { host, house, listeners } = hosted();
    let most = 0;
    house.onStep = () => void (most = Math.max(most, listeners()));
    await host.run('backtest', '--data', 'my bars.csv');
    expect(most).toBe(0);
    expect(host.writtenFiles.size).toBe(0);
  });

  it('saves what the page is made of, with the command that gives it again', async () => {
    const { host } = hosted();
    await host.run('backtest', '--data', 'my bars.csv', '--param', 'shortMa=5', '--seed', '42', '--save', 'run.json');
    const run = JSON.parse(host.writtenFiles.get('run.json') ?? '') as SavedRun;
    expect(run).toMatchObject({
      format: 'perpsbot.run',
      version: 1,
      origin: {
        build: '0.1.0+abc1234',
        command: "perpsbot backtest --data 'my bars.csv' --param shortMa=5 --seed 42",
        lookAhead: 'not run',
        savedAt: '2026-11-22T12:00:00.000Z',
      },
    });
    expect(run.origin.configurationHash).toMatch(/^[0-9a-f]{64}$/);
    expect(run.record.samples.at).toHaveLength(30);
  });
});

describe('perpsbot backtest --report --stress --check-look-ahead', () => {
  const saved = (host: FakeHost): SavedRun => JSON.parse(host.writtenFiles.get('run.json') ?? '') as SavedRun;

  it('runs again with orders a bar late and with costs doubled, each with its own settings', async () => {
    const { host } = hosted();
    const before = host.onBacktest;
    const asked: BacktestRequest[] = [];
    host.onBacktest = (request) => (asked.push(request), before(request));
    host.config = {
      ...(host.config as ResolvedConfig),
      config: testConfig({ simulation: { ...testConfig().simulation, barHalfSpreadBps: decimal('1.5') } }),
    };
    expect(
      await host.run(
        'backtest',
        '--data',
        'my bars.csv',
        '--set',
        'risk.maxOpenOrders=5',
        '--save',
        'run.json',
        '--stress',
      ),
    ).toBe(0);
    const { requestExpiryMs, requestTimeoutMs } = testConfig().execution;
    expect(asked.map(({ config }) => config.settings)).toEqual([
      { 'risk.maxOpenOrders': '5' },
      {
        'risk.maxOpenOrders': '5',
        'simulation.latency.order': '60000ms',
        'execution.requestExpiry': `${requestExpiryMs + 120_000}ms`,
        'execution.requestTimeout': `${requestTimeoutMs + 120_000}ms`,
      },
      {
        'risk.maxOpenOrders': '5',
        'simulation.barHalfSpread': '3bps',
        'instruments.BTC-PERP.makerFee': expect.stringMatching(/%$/),
        'instruments.BTC-PERP.takerFee': '0.1%',
      },
    ]);
    expect(saved(host).stress).toMatchObject([
      { name: 'delay', result: { net: '0', traceHash: 'abc' } },
      { name: 'costs', result: { net: '0' } },
    ]);
  });

  it('says why a run could not be made again, and keeps the rest', async () => {
    const { host } = hosted();
    const before = host.onBacktest;
    host.onBacktest = (request) =>
      request.config.settings?.['simulation.latency.order'] === undefined
        ? before(request)
        : Promise.reject(new Error('no such latency'));
    expect(await host.run('backtest', '--data', 'my bars.csv', '--save', 'run.json', '--stress')).toBe(0);
    expect(saved(host).stress).toMatchObject([
      { name: 'delay', failed: 'no such latency' },
      { name: 'costs', result: {} },
    ]);
  });

  /** A run of a strategy in a file that answers so, with the check. */
  async function checked(decide: () => object): Promise<FakeHost> {
    const { host, house } = hosted();
    const strategy = {
      name: 'own',
      lookback: 1,
      needsSnapshot: false,
      decide,
      onFill: () => {},
      snapshot: () => undefined,
      restore: () => {},
    };
    host.modules.set('./own.js', { name: 'own', parameters: [], lookback: () => 1, create: () => strategy });
    const before = host.onBacktest;
    host.onBacktest = async (request) => {
      const made = request.strategies?.[0]?.create({} as never, 60_000);
      house.onStep = (now) => void made?.decide({ now, instrument: house.instrument } as never);
      return before(request);
    };
    const market = ['--data', 'my bars.csv', '--strategy', './own.js'];
    expect(
      await host.run('backtest', ...market, '--save', 'run.json', '--report', 'run.html', '--check-look-ahead'),
    ).toBe(0);
    return host;
  }

  it('checks for looking ahead, and says in the badge what came of it', async () => {
    const host = await checked(() => ({ action: 'buy', reason: 'always' }));
    expect(saved(host).origin.lookAhead).toBe('passed');
    expect(host.writtenFiles.get('run.html')).toMatch(/<li class="good"><b>✓ Look-ahead check<\/b>passed/);
  });

  it('fails the check of a strategy whose past changes with its future', async () => {
    let answers = 0;
    const host = await checked(() => ({ action: 'hold', reason: `answer ${(answers += 1)}` }));
    expect(saved(host).origin.lookAhead).toBe('failed');
    expect(host.stderr.written).toMatch(/W-LOOK-001 {2}Look-ahead: the decision of .* was "hold: answer/);
  });

  it('passes nothing where the strategy asked for nothing', async () => {
    const host = await checked(() => ({ action: 'hold', reason: 'idle' }));
    expect(saved(host).origin.lookAhead).toBe('not run');
    expect(host.stderr.written).toMatch(/W-LOOK-003 {2}Look-ahead not tested: the strategy asked for nothing/);
  });

  it('refuses checks whose answer would stand nowhere', async () => {
    for (const flag of ['--stress', '--check-look-ahead'])
      expect(await hosted().host.run('backtest', '--data', 'my bars.csv', flag)).toBe(2);
  });
});

describe('perpsbot report', () => {
  it('reads runs that called their fills trades', async () => {
    const { host } = hosted();
    await host.run('backtest', '--data', 'my bars.csv', '--save', 'run.json', '--stress');
    const run = JSON.parse(host.writtenFiles.get('run.json') ?? '') as SavedRun;
    const result = { ...run.result, trades: 7, fills: undefined, cuts: undefined };
    const stress = [
      { ...run.stress?.[0], result: { net: '0', maxDrawdown: '0', sharpe: null, trades: 3, liquidations: 0 } },
    ];
    const before = JSON.stringify({ ...run, result, stress });
    const read = parseRun(before, 'run.json');
    expect([read.result.fills, read.result.trades, read.stress?.[0]?.result?.fills]).toEqual([7, 0, 3]);
    host.files.set('run.json', new TextEncoder().encode(before));
    expect(await host.run('report', '--from', 'run.json', '--out', 'old.html')).toBe(0);
  });

  it('makes the same page again from the saved run', async () => {
    const { host } = hosted();
    await host.run('backtest', '--data', 'my bars.csv', '--report', 'one.html', '--save', 'run.json');
    host.files.set('run.json', new TextEncoder().encode(host.writtenFiles.get('run.json')));
    expect(await host.run('report', '--from', 'run.json', '--out', 'two.html')).toBe(0);
    expect(host.writtenFiles.get('two.html')).toBe(host.writtenFiles.get('one.html'));
  });

  it('says what it made in one envelope', async () => {
    const host = new FakeHost();
    host.files.set('run.json', new TextEncoder().encode(JSON.stringify(sampleRun())));
    await host.run('report', '--from', 'run.json', '--out', 'page.html', '--json');
    expect(host.envelope()).toMatchObject({
      kind: 'report.result',
      ok: true,
      data: { report: 'page.html', from: 'run.json', traceHash: 'abcdef0123456789abcdef' },
    });
  });

  it('refuses a missing file and one that is no saved run, and writes nothing', async () => {
    const host = new FakeHost();
    host.files.set('other.json', new TextEncoder().encode('{"a":1}'));
    expect(await host.run('report', '--from', 'gone.json', '--out', 'page.html')).toBe(5);
    expect(await host.run('report', '--from', 'other.json', '--out', 'page.html')).toBe(65);
    expect(host.stderr.written).toMatch(/REPORT-001 {2}A saved run must begin with "format": "perpsbot\.run"/);
    expect(host.writtenFiles.size).toBe(0);
  });
});

describe('a command line to repeat', () => {
  it('quotes what a shell would take apart', () => {
    expect(shellLine(['a', 'b c', "d'e", 'x=1', '$HOME', ''])).toBe(`a 'b c' 'd'\\''e' x=1 '$HOME' ''`);
  });
});
