import type { JobQueue } from '../ports/research/job-queue.js';
import type { StrategyDefinition } from '../ports/core-services/strategy.js';
import { columnsOf, distributionOf, type Distribution } from '../research/monte-carlo/distribution.js';
import { actualTrades, redrawTrades } from '../research/monte-carlo/redrawn-trades.js';
import { runFigures, runResampled } from '../research/monte-carlo/resampled-runs.js';
import { RunRecorder } from '../report/run-recorder.js';
import type { BacktestRun } from '../backtest/backtest-runner.js';
import { spanOf } from '../data/bar-columns.js';
import { SeededRandom } from '../platform/seeded-random.js';
import type { ConfigRequest } from './config-request.js';
import type { OpenedMarket } from './market-files.js';
import { runFactsOf } from './run-facts.js';
import type { BacktestHost, RunHost } from './run-host.js';
import type { Notice, RunWatch } from './run-watch.js';
import type { SweepBench } from './sweep-session.js';
import { DAY_MS } from '../domain/time-spans.js';

const YEAR_MS = 365 * DAY_MS;

export interface MonteCarloTask {
  readonly runs: number;
  readonly seed: number;
  readonly parameters: Readonly<Record<string, string>>;
  readonly watch: RunWatch;
  /** From a module; absent: a built-in strategy. */
  readonly definitions: readonly StrategyDefinition[] | undefined;
}

/** One way of asking what else might have happened. */
export interface NamedDistribution {
  /** `reshuffle`, `bootstrap`, `bars`. */
  readonly name: string;
  readonly distribution: Distribution;
}

export interface MonteCarloOutcome {
  readonly symbol: string;
  readonly bars: number;
  /** Fingerprint of what was run over. */
  readonly data: string;
  readonly distributions: readonly NamedDistribution[];
  readonly complete: boolean;
  readonly traceHash: string | undefined;
  readonly notices: readonly Notice[];
}

/** One run, and what its closed trades might have done in another order or drawn again. */
export async function overTrades(
  host: Pick<RunHost, 'openBacktest' | 'timers'>,
  market: OpenedMarket,
  config: ConfigRequest,
  task: MonteCarloTask,
): Promise<MonteCarloOutcome> {
  const { runs, seed, watch } = task;
  const { result: made, profits } = await watchedRun(host, market, config, task);
  const { result } = made;
  const start = Number(result.equity.start);
  const years = (Date.parse(result.to) - Date.parse(result.from)) / YEAR_MS;
  const actual = actualTrades({ profits, start, years });
  const distributions: NamedDistribution[] = [];
  const methods = profits.length < 2 ? [] : (['reshuffle', 'bootstrap'] as const);
  let complete = !result.aborted;
  for (const [index, method] of methods.entries()) {
    const pause = async (done: number): Promise<boolean> => {
      watch.onProgress?.(index * runs + done, undefined);
      await host.timers.sleep(0);
      return watch.signal.aborted;
    };
    const columns = await redrawTrades({
      method,
      profits,
      start,
      years,
      runs,
      random: new SeededRandom().stream(`trades ${method}`, seed),
      pause,
    });
    complete &&= columns.net.length === runs;
    distributions.push({ name: method, distribution: distributionOf(columns, actual) });
  }
  const few = {
    code: 'W-MC-003',
    message: `Two closed trades are needed to draw from, there ${profits.length === 1 ? 'is one' : 'are none'}.`,
  };
  return {
    symbol: result.symbol,
    bars: result.bars,
    data: result.data.fingerprint,
    distributions,
    complete,
    traceHash: result.traceHash,
    notices: [...made.notes, ...(profits.length < 2 ? [few] : [])],
  };
}

async function watchedRun(
  host: Pick<BacktestHost, 'openBacktest'>,
  market: OpenedMarket,
  config: ConfigRequest,
  { watch, definitions }: MonteCarloTask,
): Promise<{ readonly result: BacktestRun; readonly profits: number[] }> {
  const { runner, close } = await host.openBacktest({
    config,
    mode: 'fast',
    startAt: market.startAt,
    ...(definitions === undefined ? {} : { strategies: definitions }),
  });
  const instruments = market.symbols.map((symbol) => runner.instrument(symbol));
  const recorder = new RunRecorder(runner.watched, instruments, market.stepMs ?? runner.stepMs);
  try {
    const result = await runner.run(market.data, {
      ...runFactsOf(market, config),
      watcher: recorder,
      signal: watch.signal,
    });
    const closed = recorder.record().trades.filter((trade) => trade.closedAt !== null);
    return { result, profits: closed.map((trade) => Number(trade.net)) };
  } finally {
    recorder.close();
    await close();
  }
}

/** The market as it was, and as it might have been: every one of them a whole backtest. */
export async function overBars(
  bench: SweepBench,
  queue: JobQueue,
  blockLength: number,
  task: MonteCarloTask,
): Promise<MonteCarloOutcome> {
  const { runs, seed, watch, parameters } = task;
  const job = { plan: bench.key, parameters, ...spanOf(bench.columns), warmup: 'inside' as const };
  const outcome = await runResampled(
    { job, runs, blockLength, seed },
    { queue, signal: watch.signal, onRun: (done) => watch.onProgress?.(done, undefined) },
  );
  const market = { symbol: bench.symbol, bars: bench.columns.length, data: bench.plan.data.bars };
  if (outcome === undefined)
    return { ...market, distributions: [], complete: false, traceHash: undefined, notices: [] };
  const { actual, failures } = outcome;
  const { warmup } = actual.result as { readonly warmup?: number };
  const [first] = failures;
  return {
    ...market,
    distributions: [{ name: 'bars', distribution: distributionOf(columnsOf(outcome.runs), runFigures(actual)) }],
    complete: outcome.complete,
    traceHash: actual.result.traceHash,
    notices: [
      ...(first === undefined
        ? []
        : [
            {
              code: 'W-MC-002',
              message: `${failures.length} runs failed and are left out, the first with ${first.code}: ${first.message}`,
            },
          ]),
      ...(warmup !== undefined && blockLength < warmup
        ? [
            {
              code: 'W-MC-004',
              message: `A block of ${blockLength} bars is shorter than the ${warmup} that the strategy looks back on: what it trades on is mostly broken up.`,
            },
          ]
        : []),
    ],
  };
}
