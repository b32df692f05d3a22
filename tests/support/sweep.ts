import { pathToFileURL } from 'node:url';
import { existsSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { loadConfig } from '#config/index.js';
import { overridesOf } from '#src/runs/config-overrides.js';
import { SeededRandom } from '#src/platform/seeded-random.js';
import { NodeDataFiles } from '#src/platform/node-data-files.js';
import { openFileMarket } from '#src/runs/market-files.js';
import { historyOf, TERMS } from './recorded-files.js';
import { digestOfFile } from '#di/data-library.js';
import {
  fingerprintOf,
  plainConfig,
  planKey,
  type JobSpec,
  type SweepMarket,
  type SweepPlan,
} from '#src/research/sweep/plan.js';
import { shareColumns } from '#src/research/sweep/shared-columns.js';

const MINUTE = 60_000;
const START = Date.UTC(2024, 0, 1);

/** A random walk with swings, in CSV: the same on every machine. */
export function marketCsv(bars: number, seed = 1): string {
  const random = new SeededRandom().stream('market', seed);
  const rows = ['ts_ms,symbol,open,high,low,close,volume'];
  let price = 40_000;
  for (let i = 0; i < bars; i += 1) {
    const open = price;
    price = Math.max(1_000, Math.round(price + random.normal() * 40 + 40 * Math.sin(i / 40)));
    const [high, low] = [
      Math.max(open, price) + Math.floor(random.next() * 20),
      Math.min(open, price) - Math.floor(random.next() * 20),
    ];
    rows.push(
      `${START + i * MINUTE},BTC-PERP,${open}.0,${high}.0,${low}.0,${price}.0,${Math.floor(random.next() * 1_000)}`,
    );
  }
  return `${rows.join('\n')}\n`;
}

export function fundingCsv(days: number): string {
  const rows = Array.from(
    { length: days * 3 },
    (_, index) => `${START + index * 8 * 3_600_000},BTC-PERP,0.000${(index % 5) + 1}`,
  );
  return `ts_ms,symbol,funding_rate\n${rows.join('\n')}\n`;
}

export const build = 'test+1';

export interface SweepBench {
  readonly market: SweepMarket;
  readonly plan: SweepPlan;
  spec(parameters: Readonly<Record<string, string>>, over?: Partial<JobSpec>): JobSpec;
}

/** A market on disk with its plan, as the commands make them. */
export async function sweepBench(directory: string, bars = 6_000): Promise<SweepBench> {
  const [data, rates] = [`${directory}/bars.csv`, `${directory}/funding.csv`];
  writeFileSync(data, marketCsv(bars));
  writeFileSync(rates, fundingCsv(Math.ceil(bars / 1_440)));
  const loaded = (extra: object): ReturnType<typeof loadConfig> =>
    loadConfig({
      profile: 'demo',
      overrides: overridesOf({ world: 'backtest', seed: 3, ...extra }),
      env: {},
      cwd: '/',
    });
  const { config: plain } = loaded({});
  const terms = { ...TERMS, instrument: (symbol: string) => plain.instruments[symbol] };
  const asked = { from: 'file', data, funding: rates } as const;
  const history = historyOf(await openFileMarket(new NodeDataFiles(), asked, terms));
  const { config } = loaded({
    symbols: [history.columns.symbol],
    instruments: [history.spec],
    updateIntervalMs: MINUTE,
  });
  const market = {
    columns: shareColumns(history.columns),
    ...(history.funding === undefined ? {} : { funding: history.funding }),
  };
  const plan: SweepPlan = {
    version: 1,
    build,
    data: fingerprintOf(market),
    files: { symbol: null, data: digestOfFile(data) ?? '', funding: digestOfFile(rates) ?? '' },
    strategy: null,
    inputs: {},
    config: plainConfig(config),
  };
  return {
    market,
    plan,
    spec: (parameters, over) => ({
      plan: planKey(plan),
      parameters,
      from: START,
      to: START + bars * MINUTE,
      warmup: 'inside',
      ...over,
    }),
  };
}

/** From where the tests stand: a test may go elsewhere. */
const WORKER = resolve('dist/worker.js');

/** The compiled thread entry; threads cannot run TypeScript. */
export function workerEntry(): URL {
  if (!existsSync(WORKER))
    throw new Error(
      'dist/ must hold the built package, it is missing: run npm run build (npm test does it by itself).',
    );
  return pathToFileURL(WORKER);
}
