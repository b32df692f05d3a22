import { openBacktest } from '#di/backtest.js';
import { OpenOrders } from '#src/ports/runtime-state/open-orders.js';
import type { Fill } from '#src/domain/order.js';
import type { BotConfig } from '#src/ports/configuration/settings/bot-config.js';
import type { BarColumns } from '#src/data/bar-columns.js';
import type { BacktestResult } from '#src/backtest/result.js';
import { termsOf } from '../support/oracle/from-engine.js';
import type { OracleTerms } from '../support/oracle/terms.js';

export interface EngineRun {
  readonly ms: number;
  /** Bytes, at the instant the run ended. */
  readonly heapUsed: number;
  readonly result: BacktestResult;
  readonly orders: number;
  readonly fills: number;
  /** Settlement units. */
  readonly equity: number;
  readonly terms: OracleTerms;
  /** The run's own fills; they keep the whole run in memory, so they are handed over, not kept. */
  readonly takeFills: () => readonly Fill[];
}

/** One backtest by the whole container. Composing, starting and stopping it are not part of the time. */
export async function runEngine(
  config: BotConfig,
  columns: BarColumns,
  parameters: Readonly<Record<string, string>>,
  ready: () => void = () => undefined,
): Promise<EngineRun> {
  const session = await openBacktest(config, { mode: 'fast', startAt: columns.openAt[0] ?? 0 });
  try {
    const { runner, container } = session;
    ready();
    const begin = performance.now();
    const { result } = await runner.run(columns, { parameters });
    const ms = performance.now() - begin;
    const { heapUsed } = process.memoryUsage();
    const { exchange, portfolio } = runner.watched;
    const { fills } = exchange;
    return {
      ms,
      heapUsed,
      result,
      orders: fills.length + container.get(OpenOrders).size,
      fills: fills.length,
      equity: portfolio.equity,
      terms: termsOf(config, runner.instrument(columns.symbol)),
      takeFills: () => fills,
    };
  } finally {
    await session.close();
  }
}
