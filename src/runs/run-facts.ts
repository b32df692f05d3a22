import type { BacktestOptions } from '../backtest/run-backtest.js';
import { strategyFactsOf } from '../backtest/run-facts.js';
import type { ConfigRequest } from './config-request.js';
import type { OpenedMarket } from './market-files.js';
import type { BacktestSession } from './run-host.js';

/** What a run is told of its market, its strategy and its settings, whoever runs it. */
export const runFactsOf = (
  { strategies, seed }: Pick<BacktestSession, 'strategies' | 'seed'>,
  { symbols, funding, source }: OpenedMarket,
  { parameters }: ConfigRequest,
): BacktestOptions => ({
  ...strategyFactsOf(strategies, symbols),
  parameters: parameters ?? {},
  seed,
  source,
  ...(funding === undefined ? {} : { funding }),
});
