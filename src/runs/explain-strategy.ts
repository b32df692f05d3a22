import { explanationOf, type Explanation } from '../backtest/explain/explanation.js';
import { VenueRefusals } from '../backtest/explain/venue-refusals.js';
import type { BacktestResult } from '../backtest/result.js';
import { MOMENT_RECORDS, momentOf, type Moment, type NoMoment } from '../backtest/explain/moment/moment.js';
import { marks } from '../domain/units.js';
import { configFor, openMarket } from './market-files.js';
import { chosenRun, type MarketRun } from './market-run.js';
import { noticesOf, runFactsOf } from './run-facts.js';
import type { BacktestHost } from './run-host.js';
import type { Notice, WorkUnit } from './run-watch.js';

export interface ExplainedRun {
  readonly explanation: Explanation;
  readonly result: BacktestResult;
  readonly unit: WorkUnit;
  readonly notices: readonly Notice[];
}

/**
 * Runs a strategy over a recorded market and says why it traded as much as it did. Throws as `backtestStrategy` does.
 */
export async function explainStrategy(host: BacktestHost, request: MarketRun): Promise<ExplainedRun> {
  const { config, definitions } = await chosenRun(host, request);
  const market = await openMarket(host, config, request.market);
  const { runner, close } = await host.openBacktest({
    config: configFor(config, market),
    mode: 'fast',
    startAt: market.startAt,
    ...(definitions === undefined ? {} : { strategies: definitions }),
  });
  const { cycle, gates, orders } = runner.watched;
  const refusals = new VenueRefusals(orders);
  try {
    const { result, notes } = await runner.run(market.data, {
      ...runFactsOf(market, config),
      failuresAreTold: true,
    });
    const explanation = explanationOf({
      fills: result.fills,
      trades: result.trades,
      steps: cycle.cycles,
      gates: gates.report(),
      reasons: gates.reasons?.() ?? [],
      cuts: gates.cuts?.() ?? [],
      venue: refusals.causes(),
      markText: (symbol, mark) => runner.instrument(symbol).markPrice(marks(mark)).toString(),
    });
    return {
      explanation,
      result,
      unit: 'intervalMs' in market.data ? 'bars' : 'events',
      notices: noticesOf(market, notes),
    };
  } finally {
    refusals.close();
    await close();
  }
}

export interface ExplainedMoment extends Omit<ExplainedRun, 'explanation'> {
  readonly moment: Moment | NoMoment;
}

/**
 * Runs a strategy over a recorded market, keeps what it did, and says what it did at one instant. Throws as
 * `backtestStrategy` does.
 */
export async function explainMoment(host: BacktestHost, request: MarketRun, at: number): Promise<ExplainedMoment> {
  const { config, definitions } = await chosenRun(host, request);
  const market = await openMarket(host, config, request.market);
  const { runner, records, close } = await host.openBacktest({
    config: configFor(config, market),
    ...{ mode: 'fast', keepsRecords: true, startAt: market.startAt },
    ...(definitions === undefined ? {} : { strategies: definitions }),
  });
  try {
    const { result, notes } = await runner.run(market.data, { ...runFactsOf(market, config), failuresAreTold: true });
    return {
      moment: momentOf(records?.(MOMENT_RECORDS) ?? [], at),
      result,
      unit: 'intervalMs' in market.data ? 'bars' : 'events',
      notices: noticesOf(market, notes),
    };
  } finally {
    await close();
  }
}
