import { fault, messageOf } from '../domain/errors.js';
import type { StrategyDefinition } from '../ports/core-services/strategy.js';
import type { EventStrategyDefinition } from '../ports/strategy/event-strategy.js';
import { eventStrategy } from '../services/strategy/host/by-events.js';
import type { ConfigRequest } from './config-request.js';
import type { ConfigSource, ModuleHost } from './run-host.js';

/** What is asked of the configuration, once the strategy is known. */
export interface ChosenStrategy {
  readonly config: ConfigRequest;
  /** What the file brings; undefined for a strategy that is registered already. */
  readonly definitions: readonly StrategyDefinition[] | undefined;
  /** The file. */
  readonly file: string | undefined;
}

const IS_PATH = /[/\\]|\.[cm]?[jt]s$/;

/**
 * The strategy that was given, else the configuration's: `./my-strategy.js` is a file, `baseline` a name. Throws CFG-*,
 * and STRAT-002 for a file that is no strategy.
 */
export async function chosenStrategy(
  host: ModuleHost & ConfigSource,
  config: ConfigRequest,
  given: string | undefined,
): Promise<ChosenStrategy> {
  if (given !== undefined && !IS_PATH.test(given))
    return { config: { ...config, strategy: given }, definitions: undefined, file: undefined };
  const { 'strategy.file': set, ...settings } = config.settings ?? {};
  if (given === undefined && set !== undefined) return ofFile(host, { ...config, settings, strategyFile: set }, set);
  if (given !== undefined) return ofFile(host, { ...config, strategyFile: given }, given);
  const { file } = host.loadConfig(config).config.strategy;
  return file === undefined ? { config, definitions: undefined, file } : ofFile(host, config, file);
}

async function ofFile(host: ModuleHost, config: ConfigRequest, file: string): Promise<ChosenStrategy> {
  const definition = await loadStrategy(host, file);
  return { config: { ...config, strategyNames: { [file]: definition.name } }, definitions: [definition], file };
}

/** The same run with a registered strategy in the place of its own. */
export function withStrategy(request: ConfigRequest, name: string): ConfigRequest {
  const other: { -readonly [K in keyof ConfigRequest]: ConfigRequest[K] } = { ...request, strategy: name };
  delete other.strategyFile;
  return other;
}

/** The definition that a module exports by default. */
export async function loadStrategy(host: ModuleHost, path: string): Promise<StrategyDefinition> {
  let exported: unknown;
  try {
    exported = await host.importDefault(path);
  } catch (error) {
    throw fault('STRAT-002', `${path} must be a module that can be loaded: ${messageOf(error)}`, {
      where: path,
      cause: error,
      fix: remedy(path, messageOf(error)),
    });
  }
  if (isDefinition(exported)) return exported;
  if (isByEvents(exported)) return eventStrategy(exported);
  throw fault(
    'STRAT-002',
    `${path} must export a strategy by default, was ${exported === undefined ? 'no default export' : typeof exported}.`,
    {
      where: path,
      fix: 'Write: export default defineStrategy({ … }). perpsbot strategy new writes a sample.',
    },
  );
}

function isDefinition(value: unknown): value is StrategyDefinition {
  if (typeof value !== 'object' || value === null) return false;
  const { name, parameters, lookback, create } = value as Partial<Record<keyof StrategyDefinition, unknown>>;
  return (
    typeof name === 'string' &&
    Array.isArray(parameters) &&
    typeof lookback === 'function' &&
    typeof create === 'function'
  );
}

/** What `eventStrategy` would have been given. */
function isByEvents(value: unknown): value is EventStrategyDefinition {
  if (typeof value !== 'object' || value === null || 'lookback' in value) return false;
  const { name, parameters, create } = value as Partial<Record<keyof EventStrategyDefinition, unknown>>;
  return typeof name === 'string' && Array.isArray(parameters) && typeof create === 'function';
}

function remedy(path: string, message: string): string {
  if (/['"]perpsbot['"]/.test(message)) return 'Install the package beside the file: npm install perpsbot.';
  if (/\.[cm]?ts$/.test(path))
    return 'Compile it to JavaScript first, or use a Node.js that reads TypeScript (22.18 or later).';
  if (/outside a module|Unexpected token 'export'/.test(message))
    return 'Name it .mjs (.mts), or write "type": "module" into the package.json of its folder.';
  return 'Check the path; it is taken from the working directory.';
}
