import type { BacktestResult } from '../backtest/result.js';
import type { BacktestRun, BacktestRunner } from '../backtest/backtest-runner.js';
import { eventsIn } from '../backtest/run-facts.js';
import type { RunRecorder } from '../report/run-recorder.js';
import type { RunOrigin, StressRun, TradeRow } from '../report/run-record.js';
import type { CheckedRun } from './backtest-checks.js';
import { overridesShown, type ConfigRequest, type Overrides } from './config-request.js';
import { configFor, openMarket, type OpenedMarket } from './market-files.js';
import { chosenRun, type MarketRun } from './market-run.js';
import { noticesOf, runFactsOf } from './run-facts.js';
import type { BacktestHost, ReportHost } from './run-host.js';
import type { Notice, RunWatch } from './run-watch.js';
import type { ChosenStrategy } from './strategy-module.js';

/** What is kept of a run beside its result, and what is asked of it for that. */
export interface RecordRequest {
  /** Where the HTML report goes. */
  readonly report?: string;
  /** Where the run goes with all it recorded. */
  readonly save?: string;
  /** Run again with orders one step late, and with costs doubled. */
  readonly stress: boolean;
  /** Run again over other futures, and compare the decisions. */
  readonly checkLookAhead: boolean;
  /** What gives this run again, as the report names it. */
  readonly command: readonly string[];
}

export interface BacktestStrategyRequest extends MarketRun {
  /** `step` journals every bar on disk, as live does. */
  readonly mode: 'fast' | 'step';
  /** Absent: nobody wants to read the run, and nothing is recorded. */
  readonly record?: RecordRequest;
}

/** So many round trips are told beside a result. */
const MOST_TRIPS = 10;

export interface BacktestAnswer {
  readonly result: BacktestResult & Overrides;
  readonly notices: readonly Notice[];
  /** The last round trips that closed, at most ten, in order. */
  readonly trips: readonly TradeRow[];
  /** Paths of what was written. */
  readonly files: { readonly report?: string; readonly saved?: string };
}

/**
 * Runs a strategy over a recorded market; progress is noted with the fills so far. Throws CLI-001, CFG-*, DATA-*,
 * STRAT-*.
 */
export async function backtestStrategy(
  host: BacktestHost & ReportHost,
  request: BacktestStrategyRequest,
  watch: RunWatch<number>,
): Promise<BacktestAnswer> {
  if (request.record !== undefined) {
    const { report, save } = request.record;
    (await import('./report-files.js')).checkOutputs(host, { '--report': report, '--save': save }, inputsOf(request));
  }
  const { config: asked, definitions, file } = await chosenRun(host, request);
  const market = await openMarket(host, asked, request.market);
  const config = configFor(asked, market);
  const { runner, close } = await host.openBacktest({
    config,
    mode: request.mode,
    startAt: market.startAt,
    ...(definitions === undefined ? {} : { strategies: definitions }),
  });
  try {
    const recorder = request.record === undefined ? undefined : await recorderOf(runner, market);
    const { result: told, notes } = await drive(runner, market, asked, request.mode, recorder, watch);
    const result = { ...told, ...overridesShown(asked) };
    const trips = await tripsOf(runner);
    if (request.record === undefined || recorder === undefined)
      return { result, notices: noticesOf(market, notes), trips, files: {} };
    const { notices, ...checks } = result.aborted
      ? NO_CHECKS
      : await check(request.record, {
          host,
          market,
          config,
          definitions,
          stepMs: market.stepMs ?? runner.stepMs,
          signal: watch.signal,
        });
    const all = [...noticesOf(market, notes), ...notices];
    return {
      result,
      notices: all,
      trips,
      files: await write(host, request.record, { config, file }, { result, notes: all, ...checks }, recorder),
    };
  } finally {
    await close();
  }
}

async function drive(
  runner: BacktestRunner,
  market: OpenedMarket,
  asked: ConfigRequest,
  mode: BacktestStrategyRequest['mode'],
  recorder: RunRecorder | undefined,
  watch: RunWatch<number>,
): Promise<BacktestRun> {
  const { data } = market;
  const { exchange } = runner.watched;
  watch.onBegin?.(eventsIn(data), 'intervalMs' in data ? 'bars' : 'events');
  try {
    return await runner.run(data, {
      ...runFactsOf(market, asked),
      mode,
      ...(recorder === undefined ? {} : { watcher: recorder }),
      signal: watch.signal,
      onProgress: (done) => watch.onProgress?.(done, exchange.fills.length),
    });
  } finally {
    recorder?.close();
    watch.onEnd?.();
  }
}

/** Loaded when somebody wants to read the run. */
async function recorderOf(runner: BacktestRunner, { symbols, stepMs }: OpenedMarket): Promise<RunRecorder> {
  const { RunRecorder: Recorder } = await import('../report/run-recorder.js');
  const instruments = symbols.map((symbol) => runner.instrument(symbol));
  return new Recorder(runner.watched, instruments, stepMs ?? runner.stepMs);
}

async function tripsOf({ watched: { exchange, orders } }: BacktestRunner): Promise<readonly TradeRow[]> {
  const { lastTrips } = await import('../report/last-trips.js');
  const reasonOf = (clientId: string): string | undefined => orders.find(clientId)?.origin?.reason;
  return lastTrips(exchange.fills, { fundings: exchange.fundings, reasonOf }, MOST_TRIPS);
}

interface Checks {
  readonly lookAhead: RunOrigin['lookAhead'];
  readonly stress?: readonly StressRun[];
}
const NO_CHECKS: Checks & { readonly notices: readonly Notice[] } = { lookAhead: 'not run', notices: [] };

/** The runs beside the run, where they were asked for. */
async function check({ stress, checkLookAhead }: RecordRequest, run: CheckedRun): Promise<typeof NO_CHECKS> {
  if (!stress && !checkLookAhead) return NO_CHECKS;
  const { lookAheadOf, stressRuns } = await import('./backtest-checks.js');
  const stressed = stress ? { stress: await stressRuns(run) } : {};
  return {
    ...NO_CHECKS,
    ...(checkLookAhead && !run.signal.aborted ? await lookAheadOf(run) : {}),
    ...stressed,
  };
}

async function write(
  host: ReportHost,
  { report, save, command }: RecordRequest,
  { config, file }: Pick<ChosenStrategy, 'config' | 'file'>,
  { lookAhead, ...run }: Checks & { readonly result: BacktestRun['result']; readonly notes: readonly Notice[] },
  recorder: RunRecorder,
): Promise<BacktestAnswer['files']> {
  const { originOf, saveRun, writeReport } = await import('./report-files.js');
  const saved = {
    format: 'perpsbot.run',
    version: 1,
    ...run,
    record: recorder.record(),
    origin: { ...originOf(host, config, command, file), lookAhead },
  } as const;
  return {
    ...(report === undefined ? {} : { report: writeReport(host, report, saved) }),
    ...(save === undefined ? {} : { saved: saveRun(host, save, saved) }),
  };
}

/** What is read, by flag: an answer is never written over it. */
const inputsOf = ({ market, strategy }: BacktestStrategyRequest): Readonly<Record<string, string | undefined>> => ({
  '--strategy': strategy,
  ...(market.from === 'file' ? { '--data': market.data, '--funding': market.funding } : {}),
});
