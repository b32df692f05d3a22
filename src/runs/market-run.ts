import type { StrategyDefinition } from '../ports/core-services/strategy.js';
import type { ConfigRequest } from './config-request.js';
import type { MarketRequest } from './market-request.js';
import type { ModuleHost } from './run-host.js';
import { chosenStrategy } from './strategy-module.js';

/** A run over a recorded market, as somebody asks for it. */
export interface MarketRun {
  readonly config: ConfigRequest;
  readonly market: MarketRequest;
  /** A registered strategy by its name, or a module by the path to it; absent: the configuration's. */
  readonly strategy?: string;
}

/** The same with its strategy loaded. */
export interface ChosenRun {
  /** Of the backtest world, with the strategy's name. */
  readonly config: ConfigRequest;
  /** What the module brings; undefined for a strategy that is registered already. */
  readonly definitions: readonly StrategyDefinition[] | undefined;
}

/** Throws STRAT-002 for a module that is none. */
export async function chosenRun(host: ModuleHost, { config, strategy }: MarketRun): Promise<ChosenRun> {
  const { name, definitions } = await chosenStrategy(host, strategy);
  return {
    config: { ...config, world: 'backtest', ...(name === undefined ? {} : { strategy: name }) },
    definitions,
  };
}
