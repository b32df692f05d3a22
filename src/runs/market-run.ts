import type { ConfigRequest } from './config-request.js';
import type { MarketRequest } from './market-request.js';
import type { ConfigSource, ModuleHost } from './run-host.js';
import { chosenStrategy, type ChosenStrategy } from './strategy-module.js';

/** A run over a recorded market, as somebody asks for it. */
export interface MarketRun {
  readonly config: ConfigRequest;
  readonly market: MarketRequest;
  /** A registered strategy by its name, or a file by its path; absent: the configuration's. */
  readonly strategy?: string;
}

/** The same with its strategy loaded, in the backtest world. Throws CFG-*, STRAT-002. */
export const chosenRun = (host: ModuleHost & ConfigSource, { config, strategy }: MarketRun): Promise<ChosenStrategy> =>
  chosenStrategy(host, { ...config, world: 'backtest' }, strategy);
