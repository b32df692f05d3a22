import { openBacktest } from '#di/backtest.js';
import type { BotConfig } from '#src/ports/settings.js';
import type { BarColumns } from '#src/research/bar-columns.js';
import type { BacktestResult } from '#src/research/result.js';
import { runBacktest } from '#src/research/run-backtest.js';
import { hashOfFills, termsOf } from '../support/oracle/from-engine.js';
import type { OracleTerms } from '../support/oracle/terms.js';

export interface EngineRun {
  readonly ms: number;
  readonly result: BacktestResult;
  readonly fills: number;
  /** Rolling hash of the fills. */
  readonly hash: number;
  /** Settlement units. */
  readonly equity: number;
  readonly orders: number;
  readonly terms: OracleTerms;
}

/** One backtest by the whole container. Composing, starting and stopping it are not part of the time. */
export async function runEngine(config: BotConfig, columns: BarColumns, parameters: Readonly<Record<string, string>> = {}): Promise<EngineRun> {
  const session = await openBacktest(config, { mode: 'fast', startAt: columns.openAt[0] ?? 0 });
  try {
    const { services, strategies, seed } = session;
    const options = { strategy: strategies.strategyFor(columns.symbol).name, parameters, seed, warmup: strategies.lookbackFor(columns.symbol) };
    const begin = performance.now();
    const { result } = await runBacktest(services, columns, options);
    const ms = performance.now() - begin;
    const { fills } = services.exchange;
    const { equity, orders } = { equity: services.portfolio.equity, orders: fills.length + services.openOrders.size };
    return { ms, result, fills: fills.length, hash: hashOfFills(fills), equity, orders, terms: termsOf(config, services.instrument) };
  } finally {
    await session.close();
  }
}
