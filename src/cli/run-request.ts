import { configOf, type Context, type Flags } from './command.js';
import { countFlag, pairsFlag } from './flags.js';
import type { ConfigRequest } from '../runs/config-request.js';
import type { MarketRun } from '../runs/market-run.js';
import { marketRequestOf } from './market-flags.js';

/** What a run asks of the configuration, before strategy and market have their say. */
function runConfigOf(context: Context, flags: Flags): ConfigRequest {
  const seed = flags.text('seed');
  const settings = pairsFlag('--set', flags.list('set'));
  return {
    ...configOf(context.flags),
    fallbackProfile: 'demo',
    ...(seed === undefined ? {} : { seed: countFlag('--seed', seed, 0) }),
    ...(Object.keys(settings).length === 0 ? {} : { settings }),
  };
}

/** The same with the settings of the strategy, for a run that has one value of each. */
export function runConfigWithParameters(context: Context, flags: Flags): ConfigRequest {
  const parameters = pairsFlag('--param', flags.list('param'));
  return { ...runConfigOf(context, flags), ...(Object.keys(parameters).length === 0 ? {} : { parameters }) };
}

/** The run itself: its market and its strategy beside the configuration. */
export function marketRunOf(context: Context, flags: Flags): MarketRun {
  const strategy = flags.text('strategy');
  return {
    market: marketRequestOf(flags),
    config: runConfigOf(context, flags),
    ...(strategy === undefined ? {} : { strategy }),
  };
}
