import { configOf, type Context, type FlagSpec, type Flags } from './command.js';
import { countFlag, pairsFlag } from './flags.js';
import type { ConfigRequest } from './host.js';

/** Flags by which a run over a recorded market is told its configuration. */
export const SET_FLAG: FlagSpec = {
  flags: '--set <path=value>',
  text: 'any setting of the configuration for this run, as simulation.matching.queue=probabilistic; may be repeated',
  repeated: true,
};

/** What a run over a recorded market asks of the configuration, before the market itself has its say. */
export function runRequestOf(context: Context, flags: Flags, strategy: string | undefined): ConfigRequest {
  const seed = flags.text('seed');
  const settings = pairsFlag('--set', flags.list('set'));
  return {
    ...configOf(context.flags),
    fallbackProfile: 'demo',
    world: 'backtest',
    ...(strategy === undefined ? {} : { strategy }),
    ...(seed === undefined ? {} : { seed: countFlag('--seed', seed, 0) }),
    ...(Object.keys(settings).length === 0 ? {} : { settings }),
  };
}

/** What was set for this run alone, for its result; nothing where nothing was. */
export const overridesShown = ({
  settings,
}: ConfigRequest): { readonly overrides?: Readonly<Record<string, string>> } =>
  settings === undefined ? {} : { overrides: settings };
