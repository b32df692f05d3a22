import { existsSync, rmSync } from 'node:fs';
import { ONE } from '#src/domain/decimal.js';
import { NodeDataFiles } from '#src/platform/node-data-files.js';
import { Catalog } from '#src/data/catalog/catalog.js';
import { DuckDb } from '#src/data/catalog/duckdb.js';
import { digestOfBlock } from '#src/data/catalog/fingerprint.js';
import { allocate, timesOf, type Block, type ColumnArray } from '#src/data/catalog/kinds.js';
import type { Manifest } from '#src/data/catalog/manifest.js';
import { countingIn, decodeParquet } from '#src/data/catalog/parquet-file.js';
import { sourceOf } from '#src/data/catalog/catalog.js';
import { SeriesWriter } from '#src/data/catalog/series-writer.js';
import { collect, machine, rounded, spreadOf } from './method.js';

const ROWS = 10_000_000;
const DIRECTORY = '.cache/bench/catalog';
const ID = { kind: 'trades', symbol: 'BENCH-PERP', intervalMs: 0 } as const;
const START = Date.UTC(2024, 7, 8);
const WARMING = 2;
const ROUNDS = 7;
/** As fast as DuckDB at least; eight times as fast is what the layout is made for. */
const GOALS = { ratio: 1, aim: 8 } as const;
const SLACK = 0.9;

/**
 * Ten million trades of one day from the catalog into columns, beside DuckDB reading the same Parquet file into
 * columns, in turns.
 */
export async function catalogBench(): Promise<Record<string, unknown>> {
  const before = machine();
  const catalog = new Catalog(new NodeDataFiles(), DIRECTORY);
  const manifest = await benchSeries(catalog);
  const [partition] = manifest.partitions;
  if (partition === undefined) throw new Error('The series of the bench must have a file.');
  const path = catalog.pathOf(ID, partition.file);
  const duckdb = await DuckDb.load();
  if (duckdb === undefined)
    return { ok: false, reason: 'DuckDB is not installed: there is nothing to compare with.', machine: before };
  const footer = catalog.files.open(path);
  const counting = footer === undefined ? undefined : await countingIn(sourceOf(footer), path);
  footer?.close();
  const own = async (shared = false): Promise<Block> => catalog.read(manifest, { shared });
  const same =
    digestOfBlock(await own()) === partition.digest &&
    digestOfBlock(await own(true)) === partition.digest &&
    digestOfBlock(await duckdb.read('trades', path, ROWS, counting)) === partition.digest;
  const rounds: { ownMs: number; sharedMs: number; duckMs: number }[] = [];
  for (let i = -WARMING; i < ROUNDS; i += 1) {
    const ownMs = await timed(() => own());
    const duckMs = await timed(() => duckdb.read('trades', path, ROWS, counting));
    const sharedMs = await timed(() => own(true));
    if (i >= 0) rounds.push({ ownMs, sharedMs, duckMs });
  }
  const hyparquetMs = await timed(() => hyparquet(catalog, path));
  const perSecond = (ms: readonly number[]): number => Math.round((ROWS / spreadOf(ms, 6).median) * 1_000);
  const ratio = spreadOf(
    rounds.map(({ ownMs, duckMs }) => duckMs / ownMs),
    3,
  );
  return {
    ok: same && ratio.median >= GOALS.ratio * SLACK,
    ratio,
    goals: GOALS,
    rowsPerSecond: {
      catalog: perSecond(rounds.map(({ ownMs }) => ownMs)),
      shared: perSecond(rounds.map(({ sharedMs }) => sharedMs)),
      duckdb: perSecond(rounds.map(({ duckMs }) => duckMs)),
      hyparquet: perSecond([hyparquetMs]),
    },
    checks: { sameColumns: same },
    data: { rows: ROWS, bytesPerRow: rounded((catalog.files.open(path)?.size ?? 0) / ROWS, 2) },
    method: `${ROUNDS} rounds in turns after ${WARMING} of warming; median of the rounds' ratios; both check nothing but what they always check`,
    machine: { ...before, loadAfter: machine().load },
  };
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  collect();
  const begin = performance.now();
  await work();
  return performance.now() - begin;
}

async function hyparquet(catalog: Catalog, path: string): Promise<Block> {
  const file = catalog.files.open(path);
  if (file === undefined) throw new Error(`${path} must exist.`);
  try {
    return await decodeParquet('trades', sourceOf(file), path);
  } finally {
    file.close();
  }
}

/** Made once, kept below `.cache`. */
async function benchSeries(catalog: Catalog): Promise<Manifest> {
  const known = existsSync(DIRECTORY) ? catalog.manifest(ID) : undefined;
  if (known?.rows === ROWS) return known;
  rmSync(DIRECTORY, { recursive: true, force: true });
  const trades = generated();
  const raw = {
    kind: ID.kind,
    symbol: ID.symbol,
    intervalMs: 0,
    tick: ONE,
    unit: ONE,
    step: ONE,
    times: timesOf(trades),
    phaseMs: 0,
    outliers: { rows: 0, firstAt: NaN },
    crossed: { rows: 0, firstAt: NaN },
    offGrid: [],
    duplicates: 0,
    disorder: { rows: 0, ranges: [] },
    lone: undefined,
    rounded: 0,
    fill: (into: ColumnArray, index: number, from: number) =>
      into.set((trades.columns[index] as ColumnArray).subarray(from, from + into.length)),
  };
  const { manifest } = await new SeriesWriter(catalog).write(raw, ID.symbol, {
    file: 'generated',
    sha256: '',
    format: 'generated',
    missingIds: 0,
    missingIdRanges: [],
  });
  return manifest;
}

/** A random walk of trades over a day, the same on every machine. */
function generated(): Block {
  const block = allocate('trades', ROWS);
  const [at, price, size, side] = block.columns as readonly [Float64Array, Float64Array, Float64Array, Int8Array];
  let state = 0x9e3779b9;
  const random = (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  let [now, last] = [START, 600_000];
  for (let i = 0; i < ROWS; i += 1) {
    now += random(17);
    last = Math.max(1_000, last + random(5) - 2);
    at[i] = now;
    price[i] = last;
    size[i] = 1 + random(1 + random(2_000));
    side[i] = random(2) === 0 ? 1 : -1;
  }
  return block;
}
