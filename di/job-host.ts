import { withParameters } from '../config/index.js';
import { StrategyRegistry, type StrategyDefinition } from '../src/ports/core-services/strategy.js';
import type { JobHost } from '../src/research/sweep/job-runner.js';
import { openBacktest } from './backtest.js';
import { composeBot } from './create-bot.js';

/** The jobs of a sweep run the container that `backtest` runs, with strategies beside the built-in ones. */
export const jobHostWith = (strategies: readonly StrategyDefinition[]): JobHost => ({
  open: (config, startAt) => openBacktest(config, { mode: 'fast', startAt, strategies }),
  configure: withParameters,
  lookback: (config, symbol) => composeBot({ config, strategies }).container.get(StrategyRegistry).lookbackFor(symbol),
});

export const jobHost: JobHost = jobHostWith([]);
