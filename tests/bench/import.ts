import { spawnSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { Catalog } from '#src/data/catalog/catalog.js';
import { importFile } from '#src/data/catalog/import.js';
import { NodeDataFiles } from '#src/platform/node-data-files.js';
import { generate, tradeRow } from './generated-rows.js';
import { collect, machine, rounded, spreadOf } from './method.js';

const ROWS = 1_000_000;
const MANY = 20_000_000;
const FILE = '.cache/bench/million-trades.csv';
const LARGE = '.cache/bench/many-trades.csv';
const DIRECTORY = '.cache/bench/import-catalog';
const HEADER = 'ts_ms,symbol,price,size,side';
const WARMING = 2;
const ROUNDS = 15;
const ROUNDS_AGAINST = 5;
/**
 * A third of the speed of who reads and writes nothing; what a small machine has; twice another build, where five times
 * is the aim.
 */
const GOALS = { ratio: 1 / 3, times: 2, aim: 5, rssMb: 400 } as const;

/** Types cast, nothing kept: what reading a table at least costs whoever reads tables best. */
const QUERY = `
  SELECT count(*), sum(ts_ms), sum(price), sum(size), count(symbol), count(side)
  FROM read_csv('${FILE}', header = true, columns = {
    'ts_ms': 'BIGINT', 'symbol': 'VARCHAR', 'price': 'DOUBLE', 'size': 'DOUBLE', 'side': 'VARCHAR'})`;

/**
 * Trades of a CSV into a catalog beside DuckDB's `read_csv` with one thread, in turns in one process. With
 * `--against=DIST`, the folder of another build, whole processes of `data import` in turns with it, by CPU. With
 * `--large` the peak of memory of a process that imports twenty million rows.
 */
export async function importBench(): Promise<Record<string, unknown>> {
  const before = machine();
  await generate(FILE, HEADER, tradeRow, ROWS);
  const duckdb = await (await DuckDBInstance.create(':memory:', { threads: '1' })).connect();
  const rounds: { ownMs: number; duckMs: number }[] = [];
  for (let round = -WARMING; round < ROUNDS; round += 1) {
    const ownMs = await timed(own);
    const duckMs = await timed(() => duckdb.runAndReadAll(QUERY));
    if (round >= 0) rounds.push({ ownMs, duckMs });
  }
  duckdb.closeSync();
  rmSync(DIRECTORY, { recursive: true, force: true });
  const ratio = spreadOf(
    rounds.map(({ ownMs, duckMs }) => duckMs / ownMs),
    3,
  );
  const other = process.argv.find((argument) => argument.startsWith('--against='))?.slice('--against='.length);
  const against = other === undefined ? undefined : inTurns(resolve(other));
  const large = process.argv.includes('--large') ? await largest() : undefined;
  return {
    ok:
      ratio.median >= GOALS.ratio &&
      (against === undefined || against.times.median >= GOALS.times) &&
      (large === undefined || large.rssMb <= GOALS.rssMb),
    ratio,
    goals: GOALS,
    rowsPerSecond: {
      own: perSecond(rounds.map(({ ownMs }) => ownMs)),
      duckdb: perSecond(rounds.map(({ duckMs }) => duckMs)),
    },
    ...(against === undefined ? {} : { against }),
    ...(large === undefined ? {} : { large }),
    method: `${ROUNDS} rounds in turns after ${WARMING} of warming; median of the rounds' ratios; whole processes against another build: ${ROUNDS_AGAINST} rounds, by CPU`,
    machine: before,
  };
}

const perSecond = (ms: readonly number[]): number => Math.round((ROWS / spreadOf(ms, 6).median) * 1_000);

async function timed(work: () => Promise<unknown>): Promise<number> {
  collect();
  const begin = performance.now();
  await work();
  return performance.now() - begin;
}

async function own(): Promise<void> {
  rmSync(DIRECTORY, { recursive: true, force: true });
  const catalog = new Catalog(new NodeDataFiles(), DIRECTORY);
  const request = { path: FILE, format: 'auto', where: {}, sort: false, duckdb: false } as const;
  const { series } = await importFile(catalog, request);
  if (series[0]?.manifest.rows !== ROWS) throw new Error(`${FILE} must hold ${ROWS} rows.`);
}

interface Taken {
  readonly cpuMs: number;
  readonly rssMb: number;
}

function inTurns(other: string) {
  const taken: { own: Taken; other: Taken }[] = [];
  for (let round = 0; round < ROUNDS_AGAINST; round += 1) {
    const [own, theirs] =
      round % 2 === 0
        ? [imported('dist', FILE), imported(other, FILE)]
        : ([imported(other, FILE), imported('dist', FILE)].reverse() as [Taken, Taken]);
    taken.push({ own, other: theirs });
  }
  const least = (of: (turn: (typeof taken)[number]) => Taken): number =>
    rounded(Math.min(...taken.map((turn) => of(turn).cpuMs)), 0);
  return {
    times: spreadOf(
      taken.map((turn) => turn.other.cpuMs / turn.own.cpuMs),
      2,
    ),
    ownCpuMs: least((turn) => turn.own),
    otherCpuMs: least((turn) => turn.other),
    ownRssMb: rounded(Math.max(...taken.map((turn) => turn.own.rssMb)), 0),
    otherRssMb: rounded(Math.max(...taken.map((turn) => turn.other.rssMb)), 0),
  };
}

async function largest(): Promise<Taken & { readonly rows: number }> {
  await generate(LARGE, HEADER, tradeRow, MANY);
  const { cpuMs, rssMb } = imported('dist', LARGE);
  return { rows: MANY, cpuMs: rounded(cpuMs, 0), rssMb: rounded(rssMb, 0) };
}

/** What a process of its own took, told by itself as it ends. */
function imported(dist: string, file: string): Taken {
  rmSync(DIRECTORY, { recursive: true, force: true });
  const tell =
    'data:text/javascript,process.on("exit",()=>process._rawDebug("TAKEN "+JSON.stringify(process.resourceUsage())))';
  const program = ['launch.js', 'di/launch.js'].map((name) => join(dist, name)).find((path) => existsSync(path));
  const words = ['data', 'import', '--json', '--from', file, '--catalog', DIRECTORY];
  const { stderr, status } = spawnSync(process.execPath, ['--import', tell, program ?? dist, ...words], {
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  if (status !== 0) throw new Error(`The import of ${file} by ${dist} ended with ${status ?? 'a signal'}: ${stderr}`);
  const usage = JSON.parse(/TAKEN (.*)/.exec(stderr)?.[1] ?? '{}') as NodeJS.ResourceUsage;
  rmSync(DIRECTORY, { recursive: true, force: true });
  return { cpuMs: (usage.userCPUTime + usage.systemCPUTime) / 1_000, rssMb: usage.maxRSS / 1_024 };
}
