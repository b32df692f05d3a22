import 'reflect-metadata';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DataLibrary } from '#di/data-library.js';
import { jobHost } from '#di/job-host.js';
import { checkedStrategy } from '#di/strategy-module.js';
import { FarmJobs } from '#di/sweeps.js';
import { ThreadPool } from '#src/platform/thread-pool.js';
import { InProcessQueue, JobRunner } from '#src/research/sweep/job-runner.js';
import { fingerprintOf, jobIdOf, planKey, type JobSpec } from '#src/research/sweep/plan.js';
import type { SweepRecord } from '#src/research/sweep/record.js';
import { perpsbot, type Said } from '../support/command-line.js';
import { recordings } from '../support/recordings.js';
import { fundingCsv, marketCsv, workerEntry } from '../support/sweep.js';

let directory: string;
const path = (name: string): string => join(directory, name);

function write(name: string, content: string): string {
  writeFileSync(path(name), content);
  return path(name);
}

/** A strategy in a file of its own: long above the value `back` steps ago, flat below. */
const moduleOf = (
  why: string,
): string => `import { defineStrategy, int, percent } from ${JSON.stringify(pathToFileURL('dist/index.js').href)};
export default defineStrategy({
  name: 'own-trend',
  params: { back: int(10, { min: 2, max: 100 }), size: percent('10%') },
  setup: ({ params, ind }) => ({ slow: ind.ema(params.back) }),
  onBar({ bar, params, position, long, flat }, { slow }) {
    if (position.isFlat && bar.close > slow.value) long({ fraction: params.size, stop: 'none', why: '${why}' });
    if (position.isLong && bar.close < slow.value) flat('below');
  },
});
`;

interface Trial {
  readonly parameters: Readonly<Record<string, string>>;
  readonly standing: string;
  readonly traceHash: string;
}

const trialsOf = ({ data }: Said): readonly Trial[] => data['trials'] as readonly Trial[];
const recordIn = (out: string): SweepRecord =>
  JSON.parse(readFileSync(path(`${out}/sweep.json`), 'utf8')) as SweepRecord;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'perpsbot-catalog-sweeps-'));
  write('bars.csv', marketCsv(2_000));
  write('eth.csv', marketCsv(2_000, 2).replaceAll('BTC-PERP', 'ETH-PERP'));
  write(
    'mark.csv',
    [
      'ts_ms,symbol,mark_price',
      ...marketCsv(2_000)
        .split('\n')
        .slice(1, -1)
        .map((row) => row.split(','))
        .map(([at, symbol, open]) => `${at},${symbol},${Number(open) + 0.5}`),
    ].join('\n'),
  );
  await perpsbot(
    'data',
    'import',
    '--catalog',
    path('catalog'),
    '--from',
    path('bars.csv'),
    '--from',
    path('eth.csv'),
    '--from',
    path('mark.csv'),
    '--from',
    write('funding.csv', fundingCsv(2)),
  );
  write('own.js', moduleOf('above'));
}, 60_000);
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** Every trial of a search against the backtest of its settings: the trace decides. */
async function expectEqualToBacktests(said: Said, flags: readonly string[]): Promise<void> {
  expect([said.code, said.warnings.filter(({ code }) => code === 'W-SWEEP-001')]).toEqual([0, []]);
  for (const { parameters, traceHash, standing } of trialsOf(said)) {
    const alone = await perpsbot(
      'backtest',
      ...flags,
      ...Object.entries(parameters).flatMap(([name, value]) => ['--param', `${name}=${value}`]),
      '--json',
    );
    expect([parameters, standing, traceHash]).toEqual([parameters, 'ranked', alone.data.traceHash]);
    expect(Number(alone.data['trades'])).toBeGreaterThan(5);
  }
}

describe('a search over a catalog', () => {
  it('tries in threads what backtest does, over bars, marks and funding of one symbol', async () => {
    const flags = ['--catalog', path('catalog'), '--symbol', 'BTC-PERP', '--set', 'simulation.barHalfSpread=1bps'];
    const said = await perpsbot(
      'optimize',
      ...flags,
      '--param',
      'shortMa=5,8',
      '--param',
      'longMa=20',
      '--objective',
      'net',
      '--jobs',
      '2',
      '--out',
      path('one'),
      '--json',
    );
    await expectEqualToBacktests(said, flags);
    expect(said.data).toMatchObject({
      overrides: { 'simulation.barHalfSpread': '1bps' },
      data: { funding: null, others: expect.stringMatching(/^[0-9a-f]{64}$/) },
    });
    const { plan } = recordIn('one');
    expect(plan.files).toEqual({
      catalog: { symbols: ['BTC-PERP'], kinds: ['bars'], intervalMs: null, since: null, until: null },
    });
    // A worker elsewhere finds the same market in a copy of the catalog, and does the same with it.
    mkdirSync(path('elsewhere'));
    cpSync(path('catalog'), path('elsewhere/catalog'), { recursive: true });
    const { market } = await new DataLibrary(path('elsewhere')).find(plan);
    expect(fingerprintOf(market)).toEqual(plan.data);
    const spec: JobSpec = {
      plan: planKey(plan),
      parameters: { shortMa: '5', longMa: '20' },
      from: Date.UTC(2024, 0, 1),
      to: Date.UTC(2024, 0, 1) + 2_000 * 60_000,
      warmup: 'inside',
    };
    const outcome = await new InProcessQueue(new JobRunner(jobHost, plan.config, market)).submit({
      id: jobIdOf(spec),
      payload: spec,
    });
    expect(outcome).toMatchObject({
      ok: true,
      result: {
        result: { traceHash: trialsOf(said).find(({ parameters }) => parameters['shortMa'] === '5')?.traceHash },
      },
    });
    await expect(
      new DataLibrary(path('elsewhere')).find({ ...plan, data: { ...plan.data, others: 'f'.repeat(64) } }),
    ).rejects.toMatchObject({ code: 'SWEEP-003' });
    await expect(new DataLibrary(path('one')).find(plan)).rejects.toMatchObject({
      code: 'SWEEP-003',
      message: expect.stringContaining('must hold the catalog of the sweep'),
    });
  });

  it('tries several symbols in one account, and walks them forward', async () => {
    const flags = ['--catalog', path('catalog'), '--symbol', 'BTC-PERP', '--symbol', 'ETH-PERP'];
    const said = await perpsbot(
      'optimize',
      ...flags,
      '--param',
      'shortMa=5',
      '--param',
      'longMa=20',
      '--objective',
      'net',
      '--jobs',
      '1',
      '--out',
      path('two'),
      '--json',
    );
    await expectEqualToBacktests(said, flags);
    expect(said.data['symbol']).toBe('BTC-PERP,ETH-PERP');
    const walk = await perpsbot(
      'walk-forward',
      ...flags,
      '--param',
      'shortMa=5,8',
      '--param',
      'longMa=20',
      '--train',
      '900',
      '--test',
      '500',
      '--objective',
      'net',
      '--jobs',
      '1',
      '--out',
      path('walk'),
      '--json',
    );
    expect(walk.code).toBe(0);
    expect(
      (walk.data['windows'] as readonly { outOfSample: unknown }[]).map(({ outOfSample }) => outOfSample !== null),
    ).toEqual([true, true]);
  });

  it('is refused where its ranges cannot cut the data, with the way out', async () => {
    const { trades, changes } = recordings(50);
    await perpsbot(
      'data',
      'import',
      '--catalog',
      path('ticks'),
      '--from',
      write('trades.csv', trades),
      '--from',
      path('bars.csv'),
    );
    await perpsbot(
      'data',
      'import',
      '--catalog',
      path('ticks'),
      '--symbol',
      'BTC-PERP',
      '--from',
      write('changes.csv', changes),
    );
    const search = async (...flags: readonly string[]): Promise<[number, string]> => {
      const said = await perpsbot('optimize', '--param', 'shortMa=5', '--out', path('none'), ...flags);
      return [said.code, said.stderr];
    };
    expect(await search('--catalog', path('ticks'), '--kind', 'trades')).toEqual([
      2,
      expect.stringContaining('A search must be given bars'),
    ]);
    expect(await search('--catalog', path('ticks'), '--kind', 'bars', '--kind', 'depth')).toEqual([
      2,
      expect.stringContaining('A search must not be given depth'),
    ]);
    await perpsbot(
      'data',
      'import',
      '--catalog',
      path('late'),
      '--from',
      path('bars.csv'),
      '--from',
      write('late.csv', marketCsv(2_100).replaceAll('BTC-PERP', 'ETH-PERP')),
    );
    expect(await search('--catalog', path('late'), '--symbol', 'BTC-PERP', '--symbol', 'ETH-PERP')).toEqual([
      2,
      expect.stringContaining('bars of ETH-PERP do not'),
    ]);
  });
});

describe('a search over a strategy in a file', () => {
  const FLAGS = (): string[] => ['--data', path('bars.csv'), '--strategy', path('own.js')];

  it('runs that very file in threads, as backtest does', async () => {
    const said = await perpsbot(
      'optimize',
      ...FLAGS(),
      '--param',
      'back=10,40',
      '--objective',
      'net',
      '--jobs',
      '2',
      '--out',
      path('own'),
      '--json',
    );
    await expectEqualToBacktests(said, FLAGS());
    const { plan } = recordIn('own');
    expect(plan.strategy).toBe(path('own.js'));
    expect(plan.inputs[path('own.js')]).toMatch(/^[0-9a-f]{64}$/);
  });

  it('is refused by a worker with another file, and goes on with the one it was begun with alone', async () => {
    const { plan } = recordIn('own');
    const sha256 = plan.inputs[path('own.js')] ?? '';
    const before = readFileSync(path('own.js'), 'utf8');
    expect((await checkedStrategy({ path: path('own.js'), sha256 })).name).toBe('own-trend');
    const spec: JobSpec = {
      plan: planKey(plan),
      parameters: { back: '10' },
      from: Date.UTC(2024, 0, 1),
      to: Date.UTC(2024, 0, 2),
      warmup: 'inside',
    };
    const pool = new ThreadPool({ entry: workerEntry(), size: 1 });
    const farm = new FarmJobs(new DataLibrary(directory, [path('own.js')]), pool, plan.build);
    try {
      await expect(
        new FarmJobs(new DataLibrary(directory), pool, plan.build).run(jobIdOf(spec), { shared: plan, payload: spec }),
      ).rejects.toMatchObject({ message: expect.stringContaining('a strategy that this worker was started with') });
      write('own.js', moduleOf('otherwise'));
      await expect(checkedStrategy({ path: path('own.js'), sha256 })).rejects.toMatchObject({ code: 'SWEEP-003' });
      await expect(farm.run(jobIdOf(spec), { shared: plan, payload: spec })).rejects.toMatchObject({
        code: 'SWEEP-003',
        message: expect.stringContaining('own.js must be the file'),
      });
      const resumed = await perpsbot(
        'optimize',
        ...FLAGS(),
        '--param',
        'back=10,40',
        '--objective',
        'net',
        '--out',
        path('own'),
        '--resume',
      );
      expect(resumed.code).toBe(65);
      write('own.js', before);
      expect(await farm.run(jobIdOf(spec), { shared: plan, payload: spec })).toMatchObject({ ok: true });
    } finally {
      write('own.js', before);
      await pool.close();
    }
  });
});
