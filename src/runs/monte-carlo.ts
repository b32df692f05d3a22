import { onAbort, prepareSweep, type SweepBench } from './sweep-session.js';
import { configFor, openMarket } from './market-files.js';
import { chosenRun, type MarketRun } from './market-run.js';
import { overBars, overTrades, type MonteCarloOutcome, type MonteCarloTask } from './monte-carlo-runs.js';
import { refusedRequest } from './refused-request.js';
import { noticesOf } from './run-facts.js';
import type { RunHost } from './run-host.js';
import type { Notice, RunWatch } from './run-watch.js';

/** `trades`: closed trades, drawn again; `bars`: the strategy over resampled markets. */
export type MonteCarloMethod = 'trades' | 'bars';

export interface MonteCarloRequest extends MarketRun {
  readonly method: MonteCarloMethod;
  /** Runs of each kind. */
  readonly runs: number;
  /** Mean length of a block of bars. */
  readonly blockMs: number;
  /** Runs at once; absent: one a processor. */
  readonly jobs: number | undefined;
  readonly parameters: Readonly<Record<string, string>>;
}

export interface MonteCarloAnswer extends MonteCarloOutcome {
  readonly seed: number;
  /** Bars of a mean block; undefined where nothing is resampled. */
  readonly blockLength: number | undefined;
}

/** Asks what else might have happened. Throws CLI-001, CFG-*, DATA-*, STRAT-*. */
export async function monteCarlo(
  host: RunHost,
  request: MonteCarloRequest,
  watch: RunWatch,
): Promise<MonteCarloAnswer> {
  const { config, definitions } = await chosenRun(host, request);
  const { runs, parameters, method } = request;
  const { seed } = host.loadConfig(config).config.simulation;
  const task = { runs, seed, parameters, watch, definitions };
  if (method === 'bars') return resampled(host, request, task);
  const market = await openMarket(host, config, request.market);
  watch.onBegin?.(2 * runs, 'runs');
  try {
    const outcome = await overTrades(host, market, { ...configFor(config, market), parameters }, task);
    return told(outcome, market.notes, { seed, blockLength: undefined });
  } finally {
    watch.onEnd?.();
  }
}

async function resampled(host: RunHost, request: MonteCarloRequest, task: MonteCarloTask): Promise<MonteCarloAnswer> {
  const bench = await prepareSweep(host, request, 'monte-carlo --method bars');
  const blockLength = blockOf(request.blockMs, bench);
  const queue = host.sweeps.threads(bench.plan, bench.market, request.jobs ?? host.sweeps.cores);
  const closing = onAbort(task.watch.signal, () => void queue.close());
  task.watch.onBegin?.(request.runs, 'runs');
  try {
    const outcome = await overBars(bench, queue, blockLength, task);
    return told(outcome, bench.notes, { seed: task.seed, blockLength });
  } finally {
    closing();
    await queue.close();
    task.watch.onEnd?.();
  }
}

const told = (
  { notices, ...outcome }: MonteCarloOutcome,
  notes: readonly Notice[],
  terms: Pick<MonteCarloAnswer, 'seed' | 'blockLength'>,
): MonteCarloAnswer => ({
  ...outcome,
  ...terms,
  notices: [
    ...noticesOf({ notes }, notices),
    ...(outcome.complete
      ? []
      : [{ code: 'W-MC-001', message: 'Stopped before the end: the figures are of the runs so far.' }]),
  ],
});

/** Bars of a mean block. */
function blockOf(blockMs: number, { columns }: SweepBench): number {
  const bars = blockMs / columns.intervalMs;
  if (!(bars >= 1 && bars <= columns.length)) {
    throw refusedRequest(
      `--block must be from one bar to the ${columns.length} bars there are, was ${Number(bars.toPrecision(4))} bars.`,
      'Give a length that holds what the strategy looks back on, and fits into the data several times.',
    );
  }
  return bars;
}
