import type { z } from 'zod';
import type { InstrumentSpec } from '../../src/domain/instrument.js';
import type { BotConfig } from '../../src/ports/configuration/settings/bot-config.js';
import { Checker } from '../schema/check.js';
import { checkConfig } from '../schema/checks.js';
import { entriesOf, type Entries } from '../schema/entries.js';
import { quantityOf } from '../schema/grammar.js';
import { readLayers, type LayerInputs, type LayerSet } from './layers.js';
import type { Origin } from './layer.js';
import { checkSecretCommands, secretSourceOf } from './secret-sources.js';
import { tighten, type OwnLimits } from '../schema/limits.js';
import { lockCanary } from '../schema/locks.js';
import { looksSecret, Problems } from './problems.js';
import { configSchema, type PartialConfig } from '../schema/index.js';
import type { Environment, SourceFile } from './sources.js';
import { defaultDirectory, directoryOf } from './state-directory.js';
import { freeze, isTree, merge, nodeAt, type Tree } from '../schema/tree.js';

export interface LoadOptions {
  /** YAML or JSON; relative to `cwd`. */
  readonly file?: string | undefined;
  /** Wins over the file's and the environment's. Default: dev. */
  readonly profile?: string | undefined;
  /** As flags give them: nested, undefined where a flag was not given, text where only the schema knows the type. */
  readonly overrides?: object | undefined;
  /** Names of strategies in files (`strategy.file`) that are loaded already, by path. */
  readonly strategies?: Readonly<Record<string, string>> | undefined;
  readonly env: Environment;
  readonly cwd: string;
  /** What may be written. Default: the product's own grammar. */
  readonly schema?: z.ZodType | undefined;
}

/** A configuration and where each of its values came from. */
export interface LoadedConfig {
  readonly config: BotConfig;
  /** By dotted path in the grammar of the files (`risk.priceCollar`). */
  readonly origins: ReadonlyMap<string, Origin>;
  readonly entries: Entries;
  /** The grammar that it was read by. */
  readonly schema: z.ZodType;
  /** Sentences, each with its place. */
  readonly warnings: readonly string[];
  /** Every file that was read, the profile's included. */
  readonly sources: readonly SourceFile[];
}

/**
 * Defaults < profile < file < risk file < environment < overrides. Throws one `PerpsBotError` that names everything
 * that is wrong (`problems`), each with its place and its remedy.
 */
export function loadConfig(options: LoadOptions): LoadedConfig {
  return load({ ...options, overrides: options.overrides as Tree | undefined }, true);
}

/** As `loadConfig`, with an object in the place of the file. `standalone`: no host binds parts of its own. */
export function load(inputs: LayerInputs, standalone: boolean): LoadedConfig {
  const problems = new Problems();
  const warnings: string[] = [];
  const { schema = configSchema } = inputs;
  const set = readLayers(inputs, problems, warnings);
  const entries = entriesOf(set.layers, schema);
  const refused = new Set(set.layers.flatMap((layer) => [...layer.refused]));
  const checker = new Checker(entries, refused, problems, warnings, { schema });
  if (set.preset === undefined) problems.throwIfAny();
  const config = assemble(set, inputs, checker);
  checkConfig(config, checker);
  checkSources(set, config, inputs.env, checker);
  checkSecretCommands(set.file, checker);
  if (standalone) checkDurability(config, checker);
  problems.throwIfAny();
  const origins = new Map([...entries].map(([path, entry]) => [path, entry.origin]));
  return { config: freeze(config), origins, entries, schema, warnings, sources: set.files };
}

function assemble({ layers, preset }: LayerSet, inputs: LayerInputs, checker: Checker): BotConfig {
  const { cwd } = inputs;
  const merged = layers.reduce<unknown>((base, layer) => merge(base, layer.values), {}) as Tree;
  const { maxLeverage, maxPositionSize, dailyLossLimit, ...rest } = merged as Tree & OwnLimits;
  const draft = rest as unknown as BotConfig;
  const config: BotConfig = {
    ...draft,
    symbols: (rest as PartialConfig).symbols ?? [],
    risk: tighten(
      draft.risk,
      {
        ...(maxLeverage && { maxLeverage }),
        ...(maxPositionSize && { maxPositionSize }),
        ...(dailyLossLimit && { dailyLossLimit }),
      },
      checker,
    ),
    storage: storageOf(draft, cwd, checker),
    strategy: strategyOf(draft, inputs, checker),
    venue: venueOf(draft, cwd, checker),
    instruments: Object.fromEntries(
      Object.entries(draft.instruments).map(([symbol, spec]): [string, InstrumentSpec] => [
        symbol,
        Object.assign({ symbol }, spec),
      ]),
    ),
  };
  return lockCanary(config, preset?.values ?? {}, checker);
}

/** One directory per profile for everything a bot writes, absolute from here on. */
function storageOf({ storage, profile }: BotConfig, cwd: string, checker: Checker): BotConfig['storage'] {
  if (storage.directory === undefined && storage.driver === 'memory') return storage;
  if (storage.directory === undefined)
    checker.entries.set('storage.directory', { origin: 'default', written: defaultDirectory(profile), rank: 0 });
  return { ...storage, directory: directoryOf(storage.directory, profile, cwd) };
}

/** Files of secrets are where the working directory was when they were named. */
function venueOf({ venue }: BotConfig, cwd: string, checker: Checker): BotConfig['venue'] {
  return {
    ...venue,
    ...(venue.apiKey && { apiKey: secretSourceOf('venue.apiKey', venue.apiKey, cwd, checker) }),
    ...(venue.apiSecret && { apiSecret: secretSourceOf('venue.apiSecret', venue.apiSecret, cwd, checker) }),
  };
}

/**
 * File and name choose the same thing, and the later layer's word holds: a name takes the place of a file, a file
 * brings its own name once it is loaded.
 */
function strategyOf({ strategy }: BotConfig, { strategies }: LayerInputs, checker: Checker): BotConfig['strategy'] {
  const { file, ...rest } = strategy;
  if (file === undefined) return strategy;
  const [named, filed] = [checker.entries.get('strategy.name')?.rank ?? -1, checker.entries.get('strategy.file')?.rank];
  checker.require(
    named !== filed,
    'CFG-006',
    ['strategy.name', 'strategy.file'],
    'strategy.name and strategy.file must not be given together: each chooses the strategy.',
    'Leave strategy.name out; the file says the name of its strategy.',
  );
  if (filed !== undefined && named > filed) {
    checker.entries.delete('strategy.file');
    return rest;
  }
  const name = strategies?.[file];
  return name === undefined ? strategy : { ...strategy, name };
}

/** What only the sources can tell: the spot profile's interlock, secrets in files, sizes in another currency. */
function checkSources({ layers }: LayerSet, config: BotConfig, env: Environment, checker: Checker): void {
  checker.require(
    config.profile !== 'spot' || config.world !== 'live' || env['SPOT_FORCE_LIVE'] === 'true',
    'CFG-006',
    ['world'],
    'Profile spot must stay in the paper world unless SPOT_FORCE_LIVE is true.',
    'Set the environment variable SPOT_FORCE_LIVE=true, or world: paper.',
  );
  for (const [path, entry] of checker.entries) {
    if (
      !looksSecret(path.split('.').at(-1) ?? '') ||
      entry.origin.startsWith('env:') ||
      entry.written.startsWith('secret://')
    )
      continue;
    const fact = `${path} looks like a secret`;
    if (config.world === 'live')
      checker.require(
        false,
        'CFG-002',
        [path],
        `${fact} and must not stand in a file or a flag.`,
        `Write secret://NAME, or give it through the environment.`,
      );
    else checker.warn([path], `${fact}; write secret://NAME, or give it through the environment.`);
  }
  for (const { layer } of layers) {
    const sizes = nodeAt(layer.tree, ['risk', 'maxOrderSize']);
    for (const [symbol, written] of Object.entries(isTree(sizes) ? sizes : {})) {
      const base = config.instruments[symbol.trim().toUpperCase()]?.base;
      const currency = quantityOf(written)?.currency;
      const path = `risk.maxOrderSize.${symbol}`;
      checker.require(
        base === undefined || currency === undefined || currency === base,
        'CFG-002',
        [path],
        `${path} must be in ${base ?? ''}, was in ${currency ?? ''}.`,
        `Write the size in ${base ?? ''}.`,
      );
    }
  }
}

function checkDurability(config: BotConfig, checker: Checker): void {
  checker.require(
    config.world !== 'live' || config.storage.driver !== 'memory',
    'CFG-006',
    ['storage.driver', 'world'],
    'storage.driver must not be memory in the live world: a restart would forget orders and the safety state.',
    'Set storage.driver: sqlite.',
  );
  if (config.world !== 'paper') return;
  const priceless = config.symbols.filter((symbol) => config.simulation.startPrices[symbol] === undefined);
  if (priceless.length > 0)
    checker.warn(
      ['symbols'],
      `simulation.startPrices names no price for ${priceless.join(', ')}; a generated market needs one.`,
    );
}
