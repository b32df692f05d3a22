import type { Decimal } from '../domain/decimal.js';
import type { InstrumentSpec } from '../domain/instrument.js';
import type { ConfigRequest } from './config-request.js';
import { refusedRequest } from './refused-request.js';

/**
 * What is asked for, as overrides in the grammar of configuration files: nested, amounts as text, absent keys
 * undefined. A backtest sends its orders to history, whatever the profile says of dry runs and streams.
 */
export function overridesOf(request: ConfigRequest): Record<string, unknown> {
  return Object.entries(request.settings ?? {}).reduce(
    (tree, [path, text]) => withSetting(tree, path, path.split('.'), text),
    ownOverrides(request),
  );
}

function ownOverrides(request: ConfigRequest): Record<string, unknown> {
  const { world, symbols, instruments, updateIntervalMs, strategy, strategyFile, parameters } = request;
  const { seed, speed, stateDir } = request;
  return {
    world,
    symbols,
    ...(world === 'backtest' ? { dryRun: false, streaming: { enabled: false } } : {}),
    updateInterval: updateIntervalMs === undefined ? undefined : `${updateIntervalMs}ms`,
    strategy: {
      name: strategy,
      file: strategyFile,
      params: parameters === undefined || Object.keys(parameters).length === 0 ? undefined : parameters,
    },
    simulation: { seed, speed },
    storage: { directory: stateDir },
    instruments:
      instruments === undefined
        ? undefined
        : Object.fromEntries(instruments.map((spec) => [spec.symbol, instrumentSettings(spec)])),
  };
}

/** What a command decides itself is not set beside it: two that disagree would leave one of them unheard. */
function withSetting(
  tree: Record<string, unknown>,
  path: string,
  [key = '', ...rest]: readonly string[],
  text: string,
): Record<string, unknown> {
  const before = Object.hasOwn(tree, key) ? tree[key] : undefined;
  const section =
    typeof before === 'object' && before !== null && !Array.isArray(before)
      ? (before as Record<string, unknown>)
      : undefined;
  const decided = rest.length === 0 ? before !== undefined : before !== undefined && section === undefined;
  // An instrument is described by the data as far as the configuration says nothing of it: a setting says more.
  if (path === 'profile' || (decided && !path.startsWith('instruments.')))
    throw refusedRequest(
      `--set ${path} must be left away: the command sets it itself, or has a flag for it.`,
      'See --help after the command.',
    );
  return { ...tree, [key]: rest.length === 0 ? text : withSetting(section ?? {}, path, rest, text) };
}

/** A description in the grammar of configuration files. */
export function instrumentSettings(spec: InstrumentSpec): Record<string, string | number> {
  const { base, quote, settle, kind } = spec;
  const amounts = {
    tick: spec.tick,
    step: spec.step,
    minSize: spec.minSize,
    minNotional: spec.minNotional,
    maxLeverage: spec.maxLeverage,
    ...(spec.maxSize === undefined ? {} : { maxSize: spec.maxSize }),
  };
  const rates = { makerFee: spec.makerFee, takerFee: spec.takerFee, maintenanceRate: spec.maintenanceRate };
  return {
    base,
    quote,
    settle,
    kind,
    ...mapped(amounts, (amount) => amount.toString()),
    ...mapped(rates, (rate) => `${rate.times(100).toString()}%`),
    fundingIntervalHours: spec.fundingIntervalHours,
  };
}

const mapped = (values: Readonly<Record<string, Decimal>>, write: (value: Decimal) => string): Record<string, string> =>
  Object.fromEntries(Object.entries(values).map(([key, value]) => [key, write(value)]));
