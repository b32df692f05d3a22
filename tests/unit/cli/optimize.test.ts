import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import type { FarmWorkerRequest } from '#src/runs/sweep-host.js';
import type { Job, JobOutcome, JobResults } from '#src/ports/research/job-queue.js';
import { packDoubles } from '#src/research/sweep/job-result.js';
import type { JobSpec, SweepPlan } from '#src/research/sweep/plan.js';
import { FakeHost } from './fake-host.js';

const MINUTE = 60_000;
const NOTHING: (count: number) => void = () => {};
const CSV = [
  'ts_ms,symbol,open,high,low,close,volume',
  ...Array.from({ length: 100 }, (_, index) => `${index * MINUTE + MINUTE},BTC-PERP,100,101,99,100.5,3`),
  '',
].join('\n');

/** A job whose profit is `shortMa`, but for the settings that a test names. */
function outcomeOf({ parameters, from, to }: JobSpec): JobOutcome {
  const net = Number(parameters['shortMa']);
  if (net === 13)
    return { ok: false, error: { code: 'CFG-006', message: 'shortMa must be less than longMa, was 13.' } };
  const equity = Float64Array.from(
    { length: 31 },
    (_, day) => 1_000 * (1 + net * 1e-5) ** day * (day % 2 === 0 ? 1 : 1.001),
  );
  const result = {
    trades: net === 7 ? 0 : 12,
    fills: net === 7 ? 0 : 24,
    pnl: { net: String(net) },
    maxDrawdown: '0.1',
    sharpe: { value: '1' },
    traceHash: `trace ${net}`,
    equity: {},
  };
  return {
    ok: true,
    result: { result, from, to, liquidations: net === 9 ? 1 : 0, equity: packDoubles(equity) } as never,
  };
}

function hosted(): {
  host: FakeHost;
  jobs: JobSpec[];
  kept: Map<string, JobOutcome>;
  state: { opened: string[]; closed: number; build: string; onJob: (count: number) => void };
} {
  const host = new FakeHost();
  host.files.set('bars.csv', new TextEncoder().encode(CSV));
  host.writeFile = (path, content) =>
    void (host.writtenFiles.set(path, content), host.files.set(path, new TextEncoder().encode(content)));
  const jobs: JobSpec[] = [];
  const kept = new Map<string, JobOutcome>();
  const state = { opened: [] as string[], closed: 0, build: '1+abc', onJob: NOTHING };
  const queue = (name: string): ReturnType<FakeHost['sweeps']['threads']> => {
    state.opened.push(name);
    return {
      name,
      slots: 2,
      submit: async ({ payload }: Job) => {
        jobs.push(payload as JobSpec);
        state.onJob(jobs.length);
        return outcomeOf(payload as JobSpec);
      },
      close: async () => void (state.closed += 1),
    };
  };
  host.sweeps = {
    cores: 4,
    build: () => state.build,
    digestOfFile: (path) => `sha of ${path}`,
    threads: (_plan, { columns }, count) => {
      expect(columns.close.buffer).toBeInstanceOf(SharedArrayBuffer);
      return queue(`${count} threads`);
    },
    farm: async (_plan, url, slots) => queue(`farm ${url} ${slots}`),
    results: (directory): JobResults => ({
      get count() {
        return kept.size;
      },
      get: (id) => kept.get(id),
      put: (id, outcome) => void kept.set(id, outcome),
      close: () => void state.opened.push(`closed ${directory}`),
    }),
    serve: async () => ({ close: async () => {} }),
  };
  return { host, jobs, kept, state };
}

const BASE = ['optimize', '--data', 'bars.csv', '--param', 'longMa=20,40', '--out', 'out'] as const;

describe('perpsbot optimize', () => {
  it('runs every point over the whole file and reports the best with what the search explains of it', async () => {
    const { host, jobs, state } = hosted();
    expect(await host.run(...BASE, '--param', 'shortMa=1..6', '--objective', 'net', '--json')).toBe(0);
    expect(jobs).toHaveLength(12);
    expect(jobs[0]).toMatchObject({
      from: MINUTE,
      to: 101 * MINUTE,
      warmup: 'inside',
      parameters: { longMa: '20', shortMa: '1' },
    });
    expect(host.envelope()).toMatchObject({
      kind: 'optimize.result',
      ok: true,
      data: {
        symbol: 'BTC-PERP',
        bars: 100,
        complete: true,
        build: '1+abc',
        directory: 'out',
        count: { ranked: 12, total: 12 },
        best: { parameters: { shortMa: '6' }, score: 6, standing: 'ranked' },
        overfit: { trials: 12, days: 30 },
      },
    });
    expect((host.envelope().data['overfit'] as { deflatedSharpe: number }).deflatedSharpe).toBeGreaterThan(0);
    expect(state.opened).toEqual(['4 threads', 'closed out']);
    expect(state.closed).toBe(1);
    expect(host.listeningForSignals).toBe(0);
    expect([...host.writtenFiles.keys()]).toEqual(['out/sweep.json', 'out/summary.json']);
    // Without --seed a trial is what `backtest` makes of the same configuration.
    expect(host.configRequests[0]).toEqual({ world: 'backtest', fallbackProfile: 'demo' });
  });

  it('shows people the table, the worst standing last, and warns of failures', async () => {
    const { host } = hosted();
    expect(await host.run(...BASE, '--param', 'shortMa=6..13', '--objective', 'net')).toBe(0);
    expect(host.stdout.written).toMatch(/16 trials: 10 ranked, 2 without a fill, 2 liquidated, 2 failed/);
    expect(host.stdout.written).toMatch(/^ ?1 +20 +12 /m);
    expect(host.stdout.written).toMatch(
      /Deflated Sharpe of the best \d\.\d{3} \(probability that it is skill, after 14 trials over 30 days\)/,
    );
    expect(host.stderr.written).toMatch(
      /! W-SWEEP-001 {2}2 trials failed and rank last, the first with longMa=20 shortMa=13: CFG-006 shortMa must be less/,
    );
  });

  it('ends with 4 when nothing can be ranked', async () => {
    const { host } = hosted();
    expect(await host.run(...BASE, '--param', 'shortMa=7')).toBe(4);
    expect(host.stdout.written).toMatch(/No trial can be ranked/);
  });

  it('keeps what was done when a signal comes, says how to go on, and goes on', async () => {
    const { host, jobs, kept, state } = hosted();
    state.onJob = (count) => (count === 5 ? host.signal('SIGINT') : undefined);
    expect(await host.run(...BASE, '--param', 'shortMa=1..6', '--objective', 'net')).toBe(130);
    expect(host.stderr.written).toMatch(/W-SWEEP-003 .* --out out --resume to go on/);
    expect(host.writtenFiles.has('out/summary.json')).toBe(false);
    const before = kept.size;
    expect(before).toBeGreaterThan(0);
    expect(before).toBeLessThan(12);
    jobs.length = 0;
    state.onJob = NOTHING;
    host.stdout.written = '';
    expect(await host.run(...BASE, '--param', 'shortMa=1..6', '--objective', 'net', '--resume', '--json')).toBe(0);
    expect(jobs.length).toBe(12 - before);
    expect(host.envelope().data).toMatchObject({ complete: true, count: { ranked: 12 } });
  });

  it('takes its own results when it is given again without a directory, says so, and mixes in no others', async () => {
    const { host, state, jobs } = hosted();
    const args = ['optimize', '--data', 'bars.csv', '--param', 'longMa=20,40', '--param', 'shortMa=1..3', '--json'];
    expect(await host.run(...args, '--objective', 'net')).toBe(0);
    const { directory, trials } = host.envelope().data as { directory: string; trials: unknown };
    expect(jobs).toHaveLength(6);
    expect(host.stderr.written).not.toContain('W-SWEEP-006');
    jobs.length = 0;
    host.stdout.written = '';
    expect(await host.run(...args, '--objective', 'net')).toBe(0);
    expect(jobs).toEqual([]);
    expect(host.envelope().data).toMatchObject({ directory, trials });
    expect(host.envelope().warnings).toContainEqual({
      code: 'W-SWEEP-006',
      message: `6 results of the same data, settings and program stood in ${directory} and were taken.`,
    });
    // Another search, another build and other data are other work, in a directory of their own.
    const change = (): void => void host.files.set('bars.csv', new TextEncoder().encode(CSV.replace('100.5', '100')));
    const others = [
      [() => undefined, '7'],
      [() => (state.build = '1+def'), '0'],
      [change, '0'],
    ] as const;
    const seen = new Set([directory]);
    for (const [prepare, seed] of others) {
      prepare();
      host.stdout.written = '';
      expect(await host.run(...args, '--objective', 'net', '--seed', seed)).toBe(0);
      seen.add((host.envelope().data as { directory: string }).directory);
    }
    expect(seen.size).toBe(4);
  });

  it('refuses a directory that holds a sweep, or with --resume another one: build, data, search, configuration', async () => {
    const { host, state, jobs } = hosted();
    const args = [...BASE, '--param', 'shortMa=1..3'];
    await host.run(...args);
    jobs.length = 0;
    expect(await host.run(...args)).toBe(73);
    const elsewhere = args.map((word) => (word === 'out' ? 'other' : word));
    expect(await host.run(...elsewhere, '--resume')).toBe(73);
    expect(await host.run(...args, '--resume', '--objective', 'net')).toBe(65);
    expect(await host.run(...args, '--resume', '--seed', '9')).toBe(65);
    state.build = '1+def';
    expect(await host.run(...args, '--resume')).toBe(65);
    expect(host.stderr.written).toMatch(/The build must be 1\+abc, as when the sweep was begun, was 1\+def/);
    state.build = '1+abc';
    host.files.set('bars.csv', new TextEncoder().encode(CSV.replace('100.5', '100')));
    expect(await host.run(...args, '--resume')).toBe(65);
    expect(host.stderr.written).toMatch(
      /Data must be 100 bars of BTC-PERP with fingerprint \w{12} and no funding, was 100 bars/,
    );
    expect(jobs).toEqual([]);
  });

  it('hands the jobs to a farm with --queue', async () => {
    const { host, state } = hosted();
    expect(await host.run(...BASE, '--param', 'shortMa=1', '--queue', 'redis://h:1', '--jobs', '9')).toBe(0);
    expect(state.opened[0]).toBe('farm redis://h:1 9');
  });

  it.each([
    [['--search', 'guess'], /--search must be grid, random, evolution/],
    [['--objective', 'luck'], /--objective must be one of sharpe, net/],
    [['--trials', '3'], /--trials must not be below the grid's 12 points/],
    [['--max-drawdown', '0.2'], /--max-drawdown must be a share/],
    [['--min-trades', '0'], /--min-trades must be a whole number from 1/],
    [['--param', 'longMa=1'], /--param longMa must be given once/],
    [['--jobs', '0'], /--jobs must be a whole number from 1/],
  ])('refuses %p before anything is done', async (flags, said) => {
    const { host, jobs } = hosted();
    expect(await host.run(...BASE, '--param', 'shortMa=1..6', ...flags)).toBe(2);
    expect(host.stderr.written).toMatch(said);
    expect(jobs).toEqual([]);
    expect(host.writtenFiles.size).toBe(0);
  });
});

describe('perpsbot walk-forward', () => {
  const WALK = [
    'walk-forward',
    '--data',
    'bars.csv',
    '--out',
    'out',
    '--param',
    'shortMa=1..4',
    '--param',
    'longMa=20',
    '--train',
    '40',
    '--test',
    '20',
    '--purge',
    '5',
    '--objective',
    'net',
  ] as const;

  it('searches each training and runs its choice over the test after it', async () => {
    const { host, jobs } = hosted();
    expect(await host.run(...WALK, '--json')).toBe(0);
    const tests = jobs.filter(({ warmup }) => warmup === 'before');
    expect(jobs).toHaveLength(3 * 5);
    expect(tests.map(({ from, to, parameters }) => [from / MINUTE, to / MINUTE, parameters['shortMa']])).toEqual([
      [46, 66, '4'],
      [66, 86, '4'],
      [86, 101, '4'],
    ]);
    for (const [index, test] of tests.entries())
      for (const { to, warmup } of jobs.slice(index * 5, index * 5 + 4))
        expect([warmup, (test.from - to) / MINUTE]).toEqual(['inside', 5]);
    expect(host.envelope()).toMatchObject({
      kind: 'walk-forward.result',
      data: { complete: true, outOfSample: { net: '12', trades: 36, days: 90 }, efficiency: 1, consistency: 1 },
    });
    expect((host.envelope().data['outOfSample'] as { growth: number }).growth).toBeCloseTo((1 + 4e-5) ** 90, 9);
  });

  it('does not trade a window that chose nothing, and says so', async () => {
    const { host, jobs } = hosted();
    expect(await host.run(...WALK.slice(0, 6), 'shortMa=7', ...WALK.slice(7))).toBe(4);
    expect(jobs.every(({ warmup }) => warmup === 'inside')).toBe(true);
    expect(host.stderr.written).toMatch(/W-SWEEP-004 {2}3 windows were not traded/);
  });

  it('refuses windows that the data cannot hold', async () => {
    const { host } = hosted();
    expect(await host.run(...WALK, '--embargo', '60')).toBe(2);
    expect(host.stderr.written).toMatch(/Windows must fit the data/);
  });
});

describe('perpsbot worker', () => {
  it('serves until a signal, and says what was done', async () => {
    const { host } = hosted();
    let served: FarmWorkerRequest | undefined;
    let closed = false;
    host.sweeps = {
      ...host.sweeps,
      serve: async (request) => {
        served = request;
        request.onJob('a'.repeat(64), undefined);
        request.onJob('b'.repeat(64), 'SWEEP-003 no data');
        setImmediate(() => host.signal('SIGTERM'));
        return { close: async () => void (closed = true) };
      },
    };
    expect(await host.run('worker', '--queue', 'redis://h:1', '--data', 'dir', '--lease', '2s', '--json')).toBe(0);
    expect(served).toMatchObject({ queue: 'redis://h:1', data: 'dir', jobs: 4, leaseMs: 2_000 });
    expect(closed).toBe(true);
    expect(host.envelope().data).toEqual({ done: 1, handedBack: 1 });
    expect(host.stderr.written).toMatch(/Job bbbbbbbbbbbb was handed back: SWEEP-003 no data/);
  });
});

describe('the identity of a sweep', () => {
  it('names the data by content, the files by their hash and the files that the configuration names', async () => {
    const { host } = hosted();
    await host.run(...BASE, '--param', 'shortMa=1');
    const record = JSON.parse(host.writtenFiles.get('out/sweep.json')!) as { plan: SweepPlan };
    expect(record.plan).toMatchObject({
      version: 1,
      build: '1+abc',
      data: { symbol: 'BTC-PERP', intervalMs: MINUTE, length: 100, funding: null },
      files: { symbol: null, data: 'sha of bars.csv', funding: null },
      inputs: {},
    });
    expect(record.plan.data.bars).toMatch(/^[0-9a-f]{64}$/);
  });
});
