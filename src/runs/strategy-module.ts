import { fault, messageOf } from '../domain/errors.js';
import type { StrategyDefinition } from '../ports/core-services/strategy.js';
import type { ModuleHost } from './run-host.js';

/** A strategy as it is asked for: a registered one by name, or a module with the path to it. */
export interface ChosenStrategy {
  readonly name: string | undefined;
  /** What the module brings; absent for a name. */
  readonly definitions?: readonly StrategyDefinition[];
}

const IS_PATH = /[/\\]|\.[cm]?[jt]s$/;

/** `./my-strategy.js` is a path, `baseline` a name. Throws STRAT-002 for a module that is none. */
export async function chosenStrategy(host: ModuleHost, given: string | undefined): Promise<ChosenStrategy> {
  if (given === undefined || !IS_PATH.test(given)) return { name: given };
  const definition = await loadStrategy(host, given);
  return { name: definition.name, definitions: [definition] };
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

function remedy(path: string, message: string): string {
  if (/['"]perpsbot['"]/.test(message)) return 'Install the package beside the file: npm install perpsbot.';
  if (/\.[cm]?ts$/.test(path))
    return 'Compile it to JavaScript first, or use a Node.js that reads TypeScript (22.18 or later).';
  return 'Check the path; it is taken from the working directory.';
}
