import { configOf, type Context, type FlagSpec, type Flags } from './command.js';
import { countFlag, pairsFlag } from './flags.js';
import type { ConfigRequest } from '../runs/config-request.js';
import type { MarketRun } from '../runs/market-run.js';
import { marketRequestOf } from './market-flags.js';

/** Flags by which a run over a recorded market is told its configuration. */
export const SET_FLAG: FlagSpec = {
  flags: '--set <path=value>',
  text: 'any setting of the configuration for this run, as simulation.matching.queue=probabilistic; may be repeated',
  repeated: true,
};

/** What a run over a recorded market asks of the configuration, before strategy and market have their say. */
export function runConfigOf(context: Context, flags: Flags): ConfigRequest {
  const seed = flags.text('seed');
  const settings = pairsFlag('--set', flags.list('set'));
  return {
    ...configOf(context.flags),
    fallbackProfile: 'demo',
    ...(seed === undefined ? {} : { seed: countFlag('--seed', seed, 0) }),
    ...(Object.keys(settings).length === 0 ? {} : { settings }),
  };
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
