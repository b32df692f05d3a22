import type { BacktestOptions } from '../backtest/backtest-runner.js';
import type { ConfigRequest } from './config-request.js';
import type { OpenedMarket } from './market-files.js';

/** What a run is told of its market and its settings, whoever runs it. */
export const runFactsOf = ({ funding, source }: OpenedMarket, { parameters }: ConfigRequest): BacktestOptions => ({
  parameters: parameters ?? {},
  source,
  ...(funding === undefined ? {} : { funding }),
});
