import type { JobQueue, JobResults } from '../ports/research/job-queue.js';
import type { BarColumns } from '../data/bar-columns.js';
import {
  fingerprintOf,
  plainConfig,
  planKey,
  type CatalogSource,
  type DataFileDigests,
  type SweepMarket,
  type SweepPlan,
} from '../research/sweep/plan.js';
import { checkRecord, RECORD_FILE, type SweepRecord } from '../research/sweep/record.js';
import type { Json } from '../ports/storage/event-store.js';
import type { BotConfig } from '../ports/configuration/settings/bot-config.js';
import type { ConfigRequest } from './config-request.js';
import { configFor, openMarket } from './market-files.js';
import { chosenRun, type MarketRun } from './market-run.js';
import type { MarketRequest } from './market-request.js';
import type { SearchHost } from './run-host.js';
import type { Notice } from './run-watch.js';
import { sweepMarketOf } from './sweep-market.js';

/** Who does the jobs: threads of this process, by default one a processor, or the workers of a queue. */
export type Workers =
  | { readonly kind: 'threads'; readonly count?: number }
  | { readonly kind: 'farm'; readonly url: string; readonly slots?: number; readonly secret?: string };

/** A search over a recorded market, whatever it searches for. */
export interface SweepRequest extends MarketRun {
  readonly workers: Workers;
  /** Directory of the results; absent: one below the state directory, named by what is searched. */
  readonly out?: string;
  /** Goes on with the sweep in the directory. */
  readonly resume: boolean;
}

/** A sweep's market and plan, before its jobs are known. */
export interface SweepBench {
  readonly market: SweepMarket;
  /** The bars that ranges are counted in. */
  readonly columns: BarColumns;
  /** Symbols, joined by commas. */
  readonly symbol: string;
  readonly plan: SweepPlan;
  readonly key: string;
  readonly notes: readonly Notice[];
  /** Asks for the configuration of the plan. */
  readonly request: ConfigRequest;
  /** State directory of the configuration. */
  readonly stateDir: string | undefined;
}

/** Everything a search needs while it runs. */
export interface SweepSession {
  readonly queue: JobQueue;
  readonly results: JobResults;
  readonly directory: string;
  /** Results that stood there before. */
  readonly known: number;
}

/** `barsFor`: who needs the bars of one symbol and nothing beside them but funding. */
export async function prepareSweep(
  host: Omit<SearchHost, 'writeFile'>,
  request: MarketRun,
  barsFor?: string,
): Promise<SweepBench> {
  const { config: asked, file } = await chosenRun(host, request);
  const module = file ?? null;
  const opened = await openMarket(host, asked, request.market, {
    shared: true,
    ...(barsFor === undefined ? {} : { barsFor }),
  });
  const market = sweepMarketOf(opened);
  const wanted = configFor(asked, opened);
  const { config } = host.loadConfig(wanted);
  const digestOf = (path: string): string => host.sweeps.digestOfFile(path) ?? '';
  const plan: SweepPlan = {
    version: 1,
    build: host.sweeps.build(),
    data: fingerprintOf(market),
    files: sourceOf(request.market, opened.symbols, digestOf),
    strategy: module,
    inputs: Object.fromEntries(
      [...filesIn(config), ...(module === null ? [] : [module])].map((path) => [path, digestOf(path)]),
    ),
    config: plainConfig(config),
  };
  return {
    market,
    columns: market.columns,
    symbol: opened.symbols.join(','),
    plan,
    key: planKey(plan),
    notes: opened.notes,
    request: wanted,
    stateDir: config.storage.directory,
  };
}

function sourceOf(
  asked: MarketRequest,
  symbols: readonly string[],
  digestOf: (path: string) => string,
): DataFileDigests | CatalogSource {
  if (asked.from === 'file')
    return {
      symbol: asked.symbol ?? null,
      data: digestOf(asked.data),
      funding: asked.funding === undefined ? null : digestOf(asked.funding),
    };
  return {
    catalog: {
      symbols,
      kinds: asked.kinds,
      intervalMs: asked.intervalMs ?? null,
      since: asked.since ?? null,
      until: asked.until ?? null,
    },
  };
}

/** Files of the configuration whose content decides what a run does. */
function filesIn({ simulation }: BotConfig): string[] {
  return [simulation.matching.filterChanges, simulation.latency.file, simulation.margin.tiers].filter(
    (path) => path !== undefined,
  );
}

/**
 * Opens directory and workers, runs, and takes both down whatever happens. An abort stops the jobs; their results stay.
 * Where no directory is named it is called by all that the results are of: what stands there are results of this work.
 */
export async function withSweep<T>(
  host: SearchHost,
  { workers, out, resume }: SweepRequest,
  bench: SweepBench,
  work: { readonly kind: SweepRecord['kind']; readonly task: Json },
  signal: AbortSignal,
  run: (session: SweepSession) => Promise<T>,
): Promise<T> {
  const { plan } = bench;
  const directory =
    out ?? `${bench.stateDir ?? '.'}/sweeps/${planKey({ ...plan, config: [plan.config, work.task] }).slice(0, 12)}`;
  const record: SweepRecord = { version: 1, kind: work.kind, plan, task: work.task };
  const path = `${directory}/${RECORD_FILE}`;
  const before = host.readFile(path);
  const goesOn = resume || (out === undefined && before !== undefined);
  checkRecord(before === undefined ? undefined : new TextDecoder().decode(before), record, goesOn, directory);
  const queue = await openQueue(host, workers, bench);
  const closing = onAbort(signal, () => void queue.close());
  let results: JobResults | undefined;
  try {
    results = host.sweeps.results(directory);
    if (before === undefined) host.writeFile(path, `${JSON.stringify(record)}\n`);
    return await run({ queue, results, directory, known: results.count });
  } finally {
    closing();
    await queue.close();
    results?.close();
  }
}

async function openQueue(
  { sweeps }: Pick<SearchHost, 'sweeps'>,
  workers: Workers,
  { plan, market }: SweepBench,
): Promise<JobQueue> {
  return workers.kind === 'threads'
    ? sweeps.threads(plan, market, workers.count ?? sweeps.cores)
    : sweeps.farm(plan, workers.url, workers.slots, workers.secret);
}

/** Calls once when the signal aborts, at once where it has; returns the canceller. */
export function onAbort(signal: AbortSignal, call: () => void): () => void {
  if (signal.aborted) {
    call();
    return () => undefined;
  }
  signal.addEventListener('abort', call, { once: true });
  return () => signal.removeEventListener('abort', call);
}
