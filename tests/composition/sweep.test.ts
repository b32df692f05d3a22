import 'reflect-metadata';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { loadConfig, withParameters } from '#config/index.js';
import { openBacktest } from '#di/backtest.js';
import { DataLibrary } from '#di/data-library.js';
import { jobHost } from '#di/job-host.js';
import { FarmJobs } from '#di/sweeps.js';
import { isOutcome, outcomeIn } from '#src/research/sweep/shapes.js';
import { Seal } from '#src/storage/queue/sealed.js';
import { overridesOf } from '#src/runs/config-overrides.js';
import { SeededRandom } from '#src/platform/seeded-random.js';
import { ThreadPool } from '#src/platform/thread-pool.js';
import type { JobOutcome } from '#src/ports/research/job-queue.js';
import { withoutLists, type JobResult } from '#src/research/sweep/job-result.js';
import { InProcessQueue, JobRunner } from '#src/research/sweep/job-runner.js';
import { jobIdOf, plainConfig, planKey, reviveConfig, type JobSpec } from '#src/research/sweep/plan.js';
import { searchFor } from '#src/research/sweep/searches.js';
import { shareColumns } from '#src/research/sweep/shared-columns.js';
import { Space } from '#src/research/sweep/space.js';
import { ThreadQueue } from '#src/research/sweep/thread-queue.js';
import { runWalkForward } from '#src/research/walk-forward/walk-forward.js';
import { windowsOf } from '#src/research/walk-forward/windows.js';
import { JobResultsFile } from '#src/storage/queue/job-results-file.js';
import { build, sweepBench, workerEntry, type SweepBench } from '../support/sweep.js';

const SETTINGS = [
  ['5', '20'],
  ['10', '60'],
  ['20', '50'],
  ['15', '200'],
].map(([shortMa, longMa]) => ({ shortMa: shortMa!, longMa: longMa! }));

describe('a job of a sweep', () => {
  let directory: string;
  let bench: SweepBench;
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'perpsbot-sweep-'));
    bench = await sweepBench(directory);
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  const runner = (): JobRunner => new JobRunner(jobHost, bench.plan.config, bench.market);
  const jobOf = (spec: JobSpec): { id: string; payload: JobSpec } => ({ id: jobIdOf(spec), payload: spec });

  it('is the backtest: same trace, same figures', async () => {
    for (const parameters of SETTINGS) {
      const job = await runner().run(bench.spec(parameters));
      const session = await openBacktest(withParameters(reviveConfig(bench.plan.config), parameters), {
        mode: 'fast',
        startAt: bench.market.columns.openAt[0]!,
      });
      const { columns, funding } = bench.market;
      const { result } = await session.runner.run(columns, {
        parameters,
        ...(funding === undefined ? {} : { funding }),
      });
      await session.close();
      expect(job.result).toEqual(withoutLists(result));
      expect(job.result.trades).toBeGreaterThan(10);
    }
  });

  it('comes to the same in this thread and in threads, bit for bit, in any order', async () => {
    const pool = new ThreadPool({ entry: workerEntry(), size: 2 });
    const [own, threads] = [new InProcessQueue(runner()), new ThreadQueue(pool, bench.plan, bench.market)];
    try {
      const jobs = SETTINGS.flatMap((parameters) => [
        jobOf(bench.spec(parameters)),
        jobOf(bench.spec(parameters, { from: bench.market.columns.openAt[2_000]!, warmup: 'before' })),
      ]);
      const here = await Promise.all(jobs.map((job) => own.submit(job)));
      const there = await Promise.all([...jobs].reverse().map((job) => threads.submit(job)));
      expect([...there].reverse()).toEqual(here);
      expect(here.every(({ ok }) => ok)).toBe(true);
    } finally {
      await threads.close();
      await own.close();
    }
  });

  it('is over shared memory, not over a copy: what is written there is what threads see', async () => {
    const columns = shareColumns(bench.market.columns);
    const threads = new ThreadQueue(new ThreadPool({ entry: workerEntry(), size: 1 }), bench.plan, {
      ...bench.market,
      columns,
    });
    try {
      // Two ranges: the first is looked at before the change, and keeps its digest; the second after it.
      const hashOf = async (from: number): Promise<unknown> => {
        const outcome = await threads.submit(jobOf(bench.spec(SETTINGS[0]!, { from })));
        return outcome.ok ? (outcome.result as JobResult).result.traceHash : outcome.error;
      };
      await hashOf(columns.openAt[0]!);
      columns.close.forEach((_close, index) => (columns.close[index] = columns.low[index]!));
      const changed = new JobRunner(jobHost, bench.plan.config, { ...bench.market, columns: shareColumns(columns) });
      const from = columns.openAt[500]!;
      expect(await hashOf(from)).toBe((await changed.run(bench.spec(SETTINGS[0]!, { from }))).result.traceHash);
      expect(await hashOf(from)).not.toBe((await runner().run(bench.spec(SETTINGS[0]!, { from }))).result.traceHash);
    } finally {
      await threads.close();
    }
  });

  it('is refused by a worker with another build, other data under the same name, or a payload that is not what its id says', async () => {
    const pool = new ThreadPool({ entry: workerEntry(), size: 1 });
    const farm = (own = build): FarmJobs => new FarmJobs(new DataLibrary(directory), pool, own);
    const { plan } = bench;
    const run = async (over: Partial<typeof plan>, own?: string): Promise<JobOutcome> => {
      const shared = { ...plan, ...over } as typeof plan;
      const payload = bench.spec(SETTINGS[0]!, { plan: planKey(shared) });
      return farm(own).run(jobIdOf(payload), { shared, payload });
    };
    try {
      expect(await run({})).toEqual(await new InProcessQueue(runner()).submit(jobOf(bench.spec(SETTINGS[0]!))));
      await expect(run({}, 'other+2')).rejects.toMatchObject({
        code: 'SWEEP-003',
        message: expect.stringContaining('other+2'),
      });
      await expect(run({ data: { ...plan.data, bars: 'f'.repeat(64) } })).rejects.toMatchObject({
        code: 'SWEEP-003',
        message: expect.stringContaining('fingerprint ffffffffffff'),
      });
      await expect(run({ files: { ...plan.files, data: 'f'.repeat(64) } })).rejects.toMatchObject({
        code: 'SWEEP-003',
        message: expect.stringContaining('must hold the bars of the sweep'),
      });
      await expect(run({ inputs: { [join(directory, 'bars.csv')]: 'f'.repeat(64) } })).rejects.toMatchObject({
        code: 'SWEEP-003',
      });
      const payload = bench.spec(SETTINGS[0]!);
      await expect(
        farm().run(jobIdOf(payload), { shared: plan, payload: { ...payload, from: 1 } }),
      ).rejects.toMatchObject({ code: 'SWEEP-003' });
    } finally {
      await pool.close();
    }
  });

  it('of another shape is refused by a worker with its code, and so is a result by a sweep', async () => {
    const pool = new ThreadPool({ entry: workerEntry(), size: 1 });
    const farm = new FarmJobs(new DataLibrary(directory), pool, build);
    const { plan } = bench;
    const payload = bench.spec(SETTINGS[0]!);
    const odd = (over: object): unknown => ({ shared: { ...plan, ...over }, payload });
    const simulation = { latency: { file: '/etc/passwd' }, matching: {}, margin: {} };
    try {
      for (const job of [
        undefined,
        'job',
        {},
        { shared: plan },
        odd({ config: null }),
        odd({ inputs: { '/etc/passwd': 7 } }),
        odd({ data: {} }),
        odd({ files: 'bars.csv' }),
        { shared: plan, payload: { ...payload, parameters: { a: 1 } } },
        { shared: plan, payload: { ...payload, to: '2024' } },
        { shared: plan, payload: { ...payload, resample: { blockLength: -1, seed: 1, path: 1 } } },
      ])
        await expect(farm.run('id', job)).rejects.toMatchObject({ code: 'SWEEP-006' });
      // No configuration, and a path on this machine, each under a right id.
      for (const [config, code] of [
        [{ simulation: {} }, 'SWEEP-006'],
        [{ ...(plan.config as object), simulation }, 'SWEEP-003'],
      ] as const) {
        const other = { ...plan, config: config as never, inputs: {} };
        const spec = bench.spec(SETTINGS[0]!, { plan: planKey(other) });
        await expect(farm.run(jobIdOf(spec), { shared: other, payload: spec })).rejects.toMatchObject({
          code,
          message: expect.not.stringContaining('root:'),
        });
      }
    } finally {
      await pool.close();
    }
    const right = await new InProcessQueue(runner()).submit(jobOf(payload));
    expect(isOutcome(right)).toBe(true);
    for (const wrong of [null, {}, { ok: true }, { ok: true, result: {} }, { ok: false }, { ok: 'yes', result: {} }])
      expect(outcomeIn(wrong)).toMatchObject({ ok: false, error: { code: 'SWEEP-006' } });
  });

  it('is believed for a day, from whoever has the secret, for the id it was signed for', () => {
    let now = 1_000;
    const seal = new Seal('sixteen characters', () => now);
    const sealed = seal.close('job', 'a', { x: [1, null] });
    expect(seal.open('job', 'a', sealed)).toEqual({ x: [1, null] });
    const other = new Seal('sixteen other ones', () => now);
    for (const [by, kind, id, what] of [
      [seal, 'job', 'b', sealed],
      [seal, 'result', 'a', sealed],
      [other, 'job', 'a', sealed],
      [seal, 'job', 'a', { ...sealed, body: '{"x":[2]}' }],
      [seal, 'job', 'a', { ...sealed, expiresAt: sealed.expiresAt + 1 }],
      [seal, 'job', 'a', { ...sealed, mac: '' }],
      [seal, 'job', 'a', null],
    ] as const)
      expect(() => by.open(kind, id, what)).toThrow(expect.objectContaining({ code: 'SWEEP-006' }));
    now = sealed.expiresAt;
    expect(() => seal.open('job', 'a', sealed)).toThrow(/has expired/);
    for (const secret of [undefined, '', 'too short'])
      expect(() => new Seal(secret, () => now)).toThrow(expect.objectContaining({ code: 'CLI-001' }));
  });

  it('refuses threads columns that would be copied', () => {
    const { columns } = bench.market;
    expect(
      () =>
        new ThreadQueue(new ThreadPool({ entry: workerEntry(), size: 1 }), bench.plan, {
          columns: { ...columns, close: columns.close.slice() },
        }),
    ).toThrow(/shared memory/);
  });

  it('decides from its first bar on when it warms up before it, and earns nothing earlier', async () => {
    const { columns } = bench.market;
    const from = columns.openAt[3_000]!;
    const inside = await runner().run(bench.spec({ shortMa: '20', longMa: '400' }, { from }));
    const before = await runner().run(bench.spec({ shortMa: '20', longMa: '400' }, { from, warmup: 'before' }));
    expect(inside.result.bars).toBe(3_000);
    // As many bars more as the strategy looks back on, less the first that it decides on.
    expect(before.result.bars).toBe(
      3_000 +
        jobHost.lookback(
          withParameters(reviveConfig(bench.plan.config), { shortMa: '20', longMa: '400' }),
          'BTC-PERP',
        ) -
        1,
    );
    expect(before.result.trades).toBeGreaterThan(inside.result.trades);
  });

  it('fails with the error of the table that its settings deserve', async () => {
    const queue = new InProcessQueue(runner());
    const crossed = await queue.submit(jobOf(bench.spec({ shortMa: '50', longMa: '20' })));
    const unknown = await queue.submit(jobOf(bench.spec({ nonsense: '1' })));
    const empty = await queue.submit(jobOf(bench.spec({}, { from: 0, to: 1 })));
    expect(
      [crossed, unknown, empty].map((outcome: JobOutcome) => (outcome.ok ? 'ok' : outcome.error.code.slice(0, 4))),
    ).toEqual(['CFG-', 'CFG-', 'DATA']);
    expect(unknown).toMatchObject({ ok: false, error: { code: 'CFG-008' } });
  });

  it('has an id that every part of it changes, and nothing else', () => {
    const { plan } = bench;
    const key = planKey(plan);
    const spec = bench.spec({ a: '1', b: '2' });
    expect(jobIdOf({ ...spec, parameters: { b: '2', a: '1' } })).toBe(jobIdOf(spec));
    expect(planKey({ ...plan, files: { symbol: 'x', data: 'y', funding: null } })).toBe(key);
    const others = [
      bench.spec({ a: '1' }),
      bench.spec({ a: '1', b: '2' }, { to: 5 }),
      bench.spec({ a: '1', b: '2' }, { warmup: 'before' }),
    ].map(jobIdOf);
    expect(new Set([jobIdOf(spec), ...others]).size).toBe(4);
    const keys = [
      { ...plan, build: 'other' },
      { ...plan, data: { ...plan.data, bars: 'other' } },
      { ...plan, config: plainConfig({ ...reviveConfig(plan.config), botId: 'other' }) },
      { ...plan, inputs: { f: 'x' } },
    ].map(planKey);
    expect(new Set([key, ...keys]).size).toBe(5);
  });

  it('carries the whole configuration: what is revived is what was resolved', () => {
    const { config } = loadConfig({
      profile: 'demo',
      overrides: overridesOf({ world: 'backtest' }),
      env: {},
      cwd: '/',
    });
    const revived = reviveConfig(JSON.parse(JSON.stringify(plainConfig(config))) as never);
    expect(revived).toEqual({ ...config, storage: { driver: 'memory' }, logging: { level: 'error', json: false } });
    const loaded = loadConfig({
      profile: 'demo',
      overrides: overridesOf({ world: 'backtest', parameters: { shortMa: '7', enableShorts: 'true', other: 'text' } }),
      env: {},
      cwd: '/',
    });
    expect(withParameters(config, { shortMa: '7', enableShorts: 'true', other: 'text' }).strategy).toEqual(
      loaded.config.strategy,
    );
    expect(() => withParameters(config, JSON.parse('{"__proto__":"1"}') as never)).toThrow(
      expect.objectContaining({ code: 'CFG-001' }),
    );
  });
});

describe('walk-forward', () => {
  it('chooses from bars before the gap alone: other bars from there on change no training and no choice', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'perpsbot-walk-'));
    try {
      const bench = await sweepBench(directory, 4_500);
      const { columns } = bench.market;
      const space = Space.of({ shortMa: '5,10,20', longMa: '40,80' });
      const plan = { mode: 'rolling' as const, train: 2_000, test: 1_000, purge: 100, embargo: 20 };
      const [first] = windowsOf(columns, plan);
      const end = first!.train.to;
      const poisoned = shareColumns(columns);
      for (let i = 0; i < columns.length; i += 1)
        if (columns.openAt[i]! >= end)
          for (const name of ['open', 'high', 'low', 'close'] as const) poisoned[name][i] = columns[name][i]! * 2;
      const walk = async (over: typeof columns, file: string): ReturnType<typeof runWalkForward> => {
        const results = new JobResultsFile(join(directory, file));
        const queue = new InProcessQueue(new JobRunner(jobHost, bench.plan.config, { ...bench.market, columns: over }));
        const outcome = await runWalkForward(
          {
            plan: planKey(bench.plan),
            windows: windowsOf(over, plan),
            space,
            objective: 'net',
            constraints: {},
            search: ({ number }) => searchFor('grid', space, 6, new SeededRandom().stream(`${number}`, 1)),
          },
          { queue, results },
        );
        results.close();
        return outcome;
      };
      const [own, other] = [await walk(columns, 'own'), await walk(poisoned, 'other')];
      expect(own.windows).toHaveLength(2);
      expect(own.windows[0]?.chosen).toEqual(other.windows[0]?.chosen);
      expect(own.windows[0]?.trials).toBe(6);
      // The same settings over the same hours of other prices: the test did see them.
      expect(own.windows[0]?.test?.traceHash).not.toBe(other.windows[0]?.test?.traceHash);
      expect(Number(own.stitched.net)).toBeCloseTo(
        own.windows.reduce((sum, { test }) => sum + Number(test?.net), 0),
        8,
      );
      expect(own.stitched.growth).toBeCloseTo(
        own.windows.reduce((product, { test }) => product * (1 + test!.figures.return), 1),
        12,
      );
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });
});
