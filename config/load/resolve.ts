import { Decimal } from '../../src/domain/decimal.js';
import { fault } from '../../src/domain/errors.js';
import type { BotConfig } from '../../src/ports/configuration/settings/bot-config.js';
import { Checker } from '../schema/check.js';
import { checkConfig } from '../schema/checks.js';
import { load, type LoadedConfig } from './loader.js';
import { lockCanary } from '../schema/locks.js';
import { Problems } from './problems.js';
import type { Environment } from './sources.js';
import { freeze, isTree } from '../schema/tree.js';

export interface ResolveOptions {
  /** Variables to overlay; none unless given: a library does not read its host's environment. */
  readonly env?: Environment;
  /** Relative directories are taken from here. Default: the process's working directory. */
  readonly cwd?: string;
  readonly onWarning?: (warning: string) => void;
}

/**
 * A configuration from a host's object: either partial, in the grammar of the files (`{ profile: 'demo', risk: {
 * maxPositionSize: '500 USDT' } }`; decimals may be given as `Decimal`), or resolved already. Both are checked alike.
 */
export function resolveConfig(config: object, options: ResolveOptions = {}): BotConfig {
  if (!isBotConfig(config)) return loadObject(config, options).config;
  const problems = new Problems();
  const warnings: string[] = [];
  const checker = new Checker(new Map(), new Set(), problems, warnings, { layered: false });
  const locked = lockCanary(config, {}, checker);
  checkConfig(locked, checker);
  problems.throwIfAny();
  warnings.forEach((warning) => options.onWarning?.(warning));
  return freeze({ ...locked });
}

/** As `resolveConfig` for a partial object, with origins and warnings. */
export function loadObject(config: object, options: ResolveOptions = {}): LoadedConfig {
  if (!isTree(config))
    throw fault('CFG-002', `Configuration must be a plain object, was ${typeof config}.`, {
      fix: 'Pass an object literal, or the result of resolveConfig.',
    });
  const loaded = load({ object: config, env: options.env ?? {}, cwd: options.cwd ?? process.cwd() }, false);
  loaded.warnings.forEach((warning) => options.onWarning?.(warning));
  return loaded;
}

/** Resolved configurations hold milliseconds and decimals where partial ones hold text. */
function isBotConfig(config: object): config is BotConfig {
  const { updateIntervalMs, risk } = config as Partial<BotConfig>;
  return typeof updateIntervalMs === 'number' && Decimal.isDecimal(risk?.maxLeverage);
}
