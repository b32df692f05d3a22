import type { JobQueue, JobResults } from '../ports/research/job-queue.js';
import type { BarColumns } from '../data/bar-columns.js';
import type { DataNote } from '../data/tables/bar-reader.js';
import {
  fingerprintOf,
  plainConfig,
  planKey,
  type CatalogSource,
  type DataFiles,
  type SweepMarket,
  type SweepPlan,
} from '../research/sweep/plan.js';
import { checkRecord, RECORD_FILE, type SweepRecord } from '../research/sweep/record.js';
import type { Json } from '../ports/storage/event-store.js';
import type { BotConfig } from '../ports/configuration/settings/bot-config.js';
import type { Context, Flags } from '../cli/command.js';
import { EXIT } from '../cli/exit-codes.js';
import { countFlag } from '../cli/flags.js';
import type { ConfigRequest } from '../cli/host.js';
import { configFor, openMarket } from './market-files.js';
import { marketRequestOf, type MarketRequest } from '../cli/market-flags.js';
import { runRequestOf } from '../cli/run-request.js';
import { chosenStrategy } from './strategy-module.js';
import { sweepMarketOf } from './sweep-market.js';
import { stopOnSignal } from '../cli/stop-on-signal.js';

/** A sweep's market and plan, before its jobs are known. */
export interface SweepBench {
  readonly market: SweepMarket;
  /** The bars that ranges are counted in. */
  readonly columns: BarColumns;
  /** Symbols, joined by commas. */
  readonly symbol: string;
  /** What was read, as a run's result names it. */
  readonly source: string;
  readonly plan: SweepPlan;
  readonly key: string;
  readonly notes: readonly DataNote[];
  /** Asks for the configuration of the plan. */
  readonly request: ConfigRequest;
  readonly directoryFor: (task: Json) => string;
}

/** Everything a search needs while it runs. */
export interface SweepSession {
  readonly queue: JobQueue;
  readonly results: JobResults;
  readonly directory: string;
  readonly signal: AbortSignal;
  /** Exit code of the signal that stopped it. */
  readonly interrupted: () => number | undefined;
}

/** `barsFor`: who needs the bars of one symbol and nothing beside them but funding. */
export async function prepareSweep(
  context: Context,
  flags: Flags,
  given?: ConfigRequest,
  barsFor?: string,
): Promise<SweepBench> {
  const { host } = context;
  const asked = marketRequestOf(flags);
  const chosen = await chosenStrategy(host, flags.text('strategy'));
  const module = chosen.definitions === undefined ? null : flags.required('strategy');
  const request = given ?? runRequestOf(context, flags, chosen.name);
  const opened = await openMarket(host, request, asked, {
    shared: true,
    ...(barsFor === undefined ? {} : { barsFor }),
  });
  const market = sweepMarketOf(opened);
  const { config } = host.loadConfig(configFor(request, opened));
  const { columns } = market;
  const digestOf = (path: string): string => host.sweeps.digestOfFile(path) ?? '';
  const plan: SweepPlan = {
    version: 1,
    build: host.sweeps.build(),
    data: fingerprintOf(market),
    files: sourceOf(asked, opened.symbols, digestOf),
    strategy: module,
    inputs: Object.fromEntries(
      [...filesIn(config), ...(module === null ? [] : [module])].map((path) => [path, digestOf(path)]),
    ),
    config: plainConfig(config),
  };
  const key = planKey(plan);
  return {
    market,
    columns,
    symbol: opened.symbols.join(','),
    source: opened.source,
    plan,
    key,
    notes: opened.notes,
    request: configFor(request, opened),
    directoryFor: (task) =>
      flags.text('out') ??
      `${config.storage.directory ?? '.'}/sweeps/${planKey({ ...plan, config: [plan.config, task] }).slice(0, 12)}`,
  };
}

function sourceOf(
  asked: MarketRequest,
  symbols: readonly string[],
  digestOf: (path: string) => string,
): DataFiles | CatalogSource {
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

/** Opens directory and workers, runs, and takes both down whatever happens. A signal stops the jobs; their results stay. */
export async function withSweep<T>(
  context: Context,
  flags: Flags,
  bench: SweepBench,
  work: { readonly kind: SweepRecord['kind']; readonly task: Json },
  run: (session: SweepSession) => Promise<T>,
): Promise<T> {
  const { host } = context;
  const directory = bench.directoryFor(work.task);
  const record: SweepRecord = { version: 1, kind: work.kind, plan: bench.plan, task: work.task };
  const path = `${directory}/${RECORD_FILE}`;
  const before = host.readFile(path);
  checkRecord(
    before === undefined ? undefined : new TextDecoder().decode(before),
    record,
    flags.has('resume'),
    directory,
  );
  const queue = await openQueue(context, flags, bench);
  let results: JobResults | undefined;
  const abort = new AbortController();
  const signals = stopOnSignal(host, () => {
    abort.abort();
    void queue.close();
  });
  try {
    results = host.sweeps.results(directory);
    if (before === undefined) host.writeFile(path, `${JSON.stringify(record)}\n`);
    const interrupted = (): number | undefined =>
      signals.received === undefined ? undefined : signals.received === 'SIGINT' ? EXIT.sigint : EXIT.sigterm;
    return await run({ queue, results, directory, signal: abort.signal, interrupted });
  } finally {
    signals.close();
    await queue.close();
    results?.close();
  }
}

async function openQueue({ host }: Context, flags: Flags, { plan, market }: SweepBench): Promise<JobQueue> {
  const jobs = flags.text('jobs');
  const count = jobs === undefined ? undefined : countFlag('--jobs', jobs, 1);
  const url = flags.text('queue');
  return url === undefined
    ? host.sweeps.threads(plan, market, count ?? host.sweeps.cores)
    : host.sweeps.farm(plan, url, count);
}
