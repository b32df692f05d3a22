import type { FundingStamp } from '../ports/simulated-exchange.js';
import type { Instrument } from '../domain/instrument.js';
import type { OpenOrders } from '../ports/open-orders.js';
import type { GateLedger } from '../ports/runtime-state.js';
import type { Trace } from '../ports/trace.js';
import { BacktestPump, type PumpServices } from './backtest-pump.js';
import { digestOf, gapsOf, type BarColumns } from './bar-columns.js';
import type { DataNote } from './bar-reader.js';
import { EquityStatistics } from './equity-statistics.js';
import { notesOf, resultOf, type BacktestResult } from './result.js';

/** The started bot of a backtest world, as its container made it. */
export interface BacktestServices extends PumpServices {
  /** The exact instrument the bot trades: the columns' ticks are its ticks. */
  readonly instrument: Instrument;
  readonly gates: GateLedger;
  readonly openOrders: OpenOrders;
  readonly trace: Trace;
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
  readonly onProgress?: (bars: number) => void;
}

export interface BacktestRun {
  readonly result: BacktestResult;
  readonly notes: readonly DataNote[];
}

/**
 * Runs a started bot over the bars and says what came of it. The bot must be new: its equity now is the start equity.
 * An abort ends the run early, with the result so far.
 */
export async function runBacktest(services: BacktestServices, columns: BarColumns, options: BacktestOptions): Promise<BacktestRun> {
  const { exchange, portfolio, instrument, trace } = services;
  const start = portfolio.equity;
  trace.header(headerOf(columns, instrument, options, start));
  exchange.fundingSchedule(columns.symbol, options.funding ?? []);
  const statistics = new EquityStatistics(start, columns.intervalMs);
  const pump = new BacktestPump(services, columns, instrument, statistics, {
    mode: options.mode ?? 'fast',
    ...(options.signal === undefined ? {} : { signal: options.signal }),
    ...(options.onProgress === undefined ? {} : { onProgress: options.onProgress }),
  });
  await pump.run();
  exchange.assertConsistent();
  portfolio.assertConsistent();
  const outcome = {
    columns,
    bars: pump.bars,
    gaps: gapsOf(columns),
    instrument,
    facts: { strategy: options.strategy, parameters: options.parameters, seed: options.seed, warmup: options.warmup, aborted: pump.bars < columns.length },
    start,
    portfolio,
    trades: exchange.fills.length,
    fundings: exchange.fundings,
    drawdown: statistics.drawdown(),
    sharpe: statistics.sharpe(),
    held: services.gates.report(),
    openOrders: services.openOrders.size,
    traceHash: trace.digest(),
  };
  return { result: resultOf(outcome), notes: notesOf(outcome) };
}

/** Names the run: other data, terms or parameters give another trace even where nothing was traded. */
function headerOf(columns: BarColumns, instrument: Instrument, options: BacktestOptions, start: number): Record<string, unknown> {
  const { spec } = instrument;
  return {
    bars: digestOf(columns),
    funding: options.funding?.map((stamp) => [stamp.at, stamp.rate?.toString() ?? null]) ?? null,
    symbol: columns.symbol,
    tick: spec.tick.toString(),
    step: spec.step.toString(),
    makerFee: spec.makerFee.toString(),
    takerFee: spec.takerFee.toString(),
    strategy: options.strategy,
    parameters: options.parameters,
    seed: options.seed,
    equity: start,
  };
}
