import type { FundingStamp } from '../ports/core-services/simulated-exchange.js';
import type { Instrument } from '../domain/instrument.js';
import { MINUTE_MS } from '../domain/time-spans.js';
import type { OpenOrders } from '../ports/runtime-state/open-orders.js';
import type { GateLedger } from '../ports/runtime-state/runtime-state.js';
import type { Trace } from '../ports/runtime-state/trace.js';
import type { AccountAccess } from '../ports/venue/account-access.js';
import type { ExecutionEngine, OrderLog } from '../ports/core-services/execution.js';
import type { SafetyLadder } from '../ports/storage/safety-ladder.js';
import { BacktestPump } from './backtest-pump.js';
import type { PumpOptions, PumpServices } from './pump-services.js';
import { digestOf, type BarColumns } from '../data/bar-columns.js';
import type { DataNote } from '../data/data-note.js';
import { fingerprintOf } from '../data/catalog/fingerprint.js';
import type { Feed } from '../data/columns.js';
import { EquityStatistics } from './equity-statistics.js';
import { FeedSet } from './feeds/feed-set.js';
import { notesOf, resultOf, type BacktestResult } from './result.js';

/** The started bot of a backtest world, as its container made it. */
export interface BacktestServices extends PumpServices {
  /** The exact instrument the bot trades: the columns' ticks are its ticks. */
  readonly instrument: Instrument;
  /** The others, where several are traded. */
  readonly instrumentOf?: (symbol: string) => Instrument;
  /** The bot's cycle, for data that is not bars alone. */
  readonly stepMs?: number;
  readonly gates: GateLedger;
  readonly openOrders: OpenOrders;
  readonly trace: Trace;
  /** Whom a report watches, and where refusals are counted; absent: not known. */
  readonly engine?: Pick<ExecutionEngine, 'metrics'>;
  readonly orders?: Pick<OrderLog, 'onChange'>;
  readonly broker?: Pick<AccountAccess, 'listPositions'>;
  readonly safety?: Pick<SafetyLadder, 'onChange'>;
}

export interface BacktestOptions {
  readonly mode?: 'fast' | 'step';
  readonly strategy: string;
  /** As given, for the result and the trace's header. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly seed: number;
  /** Bars of warm-up: as many values as the strategy looks back on (for a cross of means, the long one plus one). */
  readonly warmup: number;
  /** Undefined: funding is not simulated. */
  readonly funding?: readonly FundingStamp[];
  readonly signal?: AbortSignal;
  /** Watches the run for a report. */
  readonly recorder?: PumpOptions['recorder'];
  /** What the bars were read from, as the user named it. */
  readonly source?: string;
  readonly onProgress?: (bars: number) => void;
}

export interface BacktestRun {
  readonly result: BacktestResult;
  readonly notes: readonly DataNote[];
}

/**
 * Runs a started bot over recorded streams and says what came of it. The bot must be new: its equity now is the start
 * equity. An abort ends the run early, with the result so far.
 */
export async function runBacktest(
  services: BacktestServices,
  data: BarColumns | readonly Feed[],
  options: BacktestOptions,
): Promise<BacktestRun> {
  const { exchange, portfolio, trace } = services;
  const feeds: readonly Feed[] = 'intervalMs' in data ? [{ kind: 'bars', columns: data }] : data;
  const set = new FeedSet(feeds);
  const instruments = set.symbols.map((symbol) => instrumentOf(services, symbol));
  const covered = set.covered(services.stepMs ?? MINUTE_MS);
  const fingerprint = fingerprintOf(
    feeds,
    instruments.map(({ spec }) => spec),
  );
  // The trace names bars alone by a digest of its own: what data is called in results may change without changing the
  // run.
  const content = set.onlyBars === undefined ? fingerprint : digestOf(set.onlyBars);
  const start = portfolio.equity;
  const stepsBefore = services.cycle.cycles;
  const [instrument] = instruments as [Instrument];
  trace.header(headerOf(content, covered.symbol, instruments, options, start));
  set.symbols.forEach((symbol, index) =>
    exchange.fundingSchedule(symbol, (index === 0 ? options.funding : undefined) ?? set.stampsOf(symbol) ?? []),
  );
  const statistics = new EquityStatistics(start, covered.intervalMs);
  const pump = new BacktestPump(
    services,
    { set, instrumentOf: (symbol) => instrumentOf(services, symbol), stepMs: covered.intervalMs },
    statistics,
    {
      mode: options.mode ?? 'fast',
      ...(options.signal === undefined ? {} : { signal: options.signal }),
      ...(options.recorder === undefined ? {} : { recorder: options.recorder }),
      ...(options.onProgress === undefined ? {} : { onProgress: options.onProgress }),
    },
  );
  await pump.run();
  exchange.assertConsistent();
  portfolio.assertConsistent();
  const outcome = {
    covered,
    bars: pump.events,
    steps: set.onlyBars === undefined ? services.cycle.cycles - stepsBefore : undefined,
    gaps: set.gaps(),
    instrument,
    instruments,
    facts: {
      strategy: options.strategy,
      parameters: options.parameters,
      seed: options.seed,
      warmup: options.warmup,
      aborted: !pump.ended,
    },
    start,
    portfolio,
    data: { fingerprint, source: options.source },
    trades: exchange.fills.length,
    liquidations: exchange.fills.filter((fill) => fill.cause === 'liquidation').length,
    rejects: rejectsOf(services.engine?.metrics()),
    fundings: exchange.fundings,
    drawdown: statistics.drawdown(),
    sharpe: statistics.sharpe(),
    held: services.gates.report(),
    openOrders: services.openOrders.size,
    traceHash: trace.digest(),
  };
  return { result: resultOf(outcome), notes: notesOf(outcome) };
}

/** The exact instrument the bot trades: the columns' ticks are its ticks. */
const instrumentOf = ({ instrument, instrumentOf: find }: BacktestServices, symbol: string): Instrument =>
  symbol === instrument.symbol || find === undefined ? instrument : find(symbol);

const REJECTION = 'execution.orders.rejection.';

/** Refusals by check, of risk and venue alike; undefined where nobody counts them. */
function rejectsOf(
  metrics: Readonly<Record<string, number>> | undefined,
): Readonly<Record<string, number>> | undefined {
  if (metrics === undefined) return undefined;
  return Object.fromEntries(
    Object.entries(metrics).flatMap(([name, count]) =>
      name.startsWith(REJECTION) ? [[name.slice(REJECTION.length), count]] : [],
    ),
  );
}

/** Names the run: other data, terms or parameters give another trace even where nothing was traded. */
function headerOf(
  content: string,
  symbol: string,
  instruments: readonly Instrument[],
  options: BacktestOptions,
  start: number,
): Record<string, unknown> {
  const [{ spec }] = instruments as [Instrument];
  const others = instruments
    .slice(1)
    .map(({ spec: other }) => [
      other.symbol,
      other.tick.toString(),
      other.step.toString(),
      other.makerFee.toString(),
      other.takerFee.toString(),
    ]);
  return {
    bars: content,
    funding: options.funding?.map((stamp) => [stamp.at, stamp.rate?.toString() ?? null]) ?? null,
    symbol,
    tick: spec.tick.toString(),
    step: spec.step.toString(),
    makerFee: spec.makerFee.toString(),
    takerFee: spec.takerFee.toString(),
    strategy: options.strategy,
    parameters: options.parameters,
    seed: options.seed,
    equity: start,
    ...(others.length === 0 ? {} : { others }),
  };
}
