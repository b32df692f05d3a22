import { openBacktest } from '#di/backtest.js';
import { Trace } from '#src/ports/runtime-state/trace.js';
import { EventStore } from '#src/ports/storage/event-store.js';
import { Portfolio } from '#src/ports/runtime-state/portfolio.js';
import { Decimal } from '#src/domain/decimal.js';
import type { Instrument, InstrumentSpec } from '#src/domain/instrument.js';
import type { BarColumns } from '#src/data/bar-columns.js';
import type { Feed } from '#src/data/columns.js';
import type { BacktestRun } from '#src/backtest/backtest-runner.js';
import { SimulatedExchange, type FundingStamp } from '#src/ports/core-services/simulated-exchange.js';
import type { BotConfig } from '#src/ports/configuration/settings/bot-config.js';
import type { RiskSettings } from '#src/ports/configuration/settings/risk-settings.js';
import type { StorageSettings } from '#src/ports/configuration/settings/storage-settings.js';
import type { StrategySettings } from '#src/ports/configuration/settings/strategy-settings.js';
import { testConfig } from '../config.js';
import { instrumentSpec } from '#src/testing/instruments.js';
import { termsOf } from './from-engine.js';
import type { OracleTerms } from './terms.js';

const WIDE = new Decimal(1_000_000);

export interface RunOptions {
  readonly strategy?: Partial<StrategySettings>;
  readonly risk?: Partial<RiskSettings>;
  readonly spec?: Partial<InstrumentSpec>;
  /** Default 10,000. */
  readonly equity?: number;
  readonly stamps?: readonly FundingStamp[];
  /** Streams beside the bars. */
  readonly beside?: readonly Feed[];
  readonly mode?: 'fast' | 'step';
  readonly parameters?: Readonly<Record<string, string>>;
  /** Default: in memory. */
  readonly storage?: StorageSettings;
}

/** A bot for history whose limits are not in the way. */
export const historyConfig = (
  columns: BarColumns,
  { strategy = {}, risk = {}, spec = {}, equity = 10_000, storage = { driver: 'memory' } }: RunOptions = {},
): BotConfig =>
  testConfig({
    world: 'backtest',
    symbols: [columns.symbol],
    updateIntervalMs: columns.intervalMs,
    streaming: { enabled: false },
    storage,
    strategy,
    risk: { maxPositionSize: WIDE, ...risk },
    simulation: { equity: new Decimal(equity) },
    instruments: { [columns.symbol]: instrumentSpec({ symbol: columns.symbol, ...spec }) },
  });

export interface TestRun extends BacktestRun {
  readonly services: {
    readonly exchange: SimulatedExchange;
    readonly portfolio: Portfolio;
    readonly instrument: Instrument;
  };
  readonly terms: OracleTerms;
  /** Every decision, in order: its time and action. */
  readonly decisions: readonly string[];
  /** Types of the journal's records, as far as the journal keeps any. */
  readonly records: readonly string[];
}

/** A backtest through the whole container, and everything it left behind. */
export async function backtest(columns: BarColumns, options: RunOptions = {}): Promise<TestRun> {
  const config = historyConfig(columns, options);
  const session = await openBacktest(config, { mode: options.mode ?? 'fast', startAt: columns.openAt[0] ?? 0 });
  try {
    const { runner, container } = session;
    const decisions = decisionsOf(container.get(Trace));
    const { beside } = options;
    const run = await runner.run(beside === undefined ? columns : [{ kind: 'bars', columns }, ...beside], {
      mode: options.mode ?? 'fast',
      parameters: options.parameters ?? {},
      ...(options.stamps === undefined ? {} : { funding: options.stamps }),
    });
    const records = container
      .get(EventStore)
      .query()
      .map(({ type }) => type);
    const services = {
      exchange: container.get(SimulatedExchange),
      portfolio: container.get(Portfolio),
      instrument: runner.instrument(columns.symbol),
    };
    return { ...run, services, decisions, records, terms: termsOf(config, services.instrument) };
  } finally {
    await session.close();
  }
}

/** Listens in on the trace: it is told of every decision. */
function decisionsOf(trace: Trace): string[] {
  const decisions: string[] = [];
  const tell = trace.decision.bind(trace);
  trace.decision = (symbol, action, mark, at) => {
    decisions.push(`${at} ${action}`);
    tell(symbol, action, mark, at);
  };
  return decisions;
}
