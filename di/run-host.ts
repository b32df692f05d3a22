import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { describeConfig, environment, loadConfig, type LoadedConfig, type LoadOptions } from '../config/index.js';
import { NodeDataFiles } from '../src/platform/node-data-files.js';
import { NodeFiles } from '../src/platform/node-files.js';
import { HostTimers } from '../src/platform/time/host-timers.js';
import type { HostClock } from '../src/ports/configuration/clock.js';
import { overridesOf } from '../src/runs/config-overrides.js';
import type { ConfigRequest, ResolvedConfig } from '../src/runs/config-request.js';
import type { RunHost } from '../src/runs/run-host.js';
import { BaselineStrategyDefinition } from '../src/services/strategy/built-in/baseline-strategy-definition.js';
import { EnhancedStrategyDefinition } from '../src/services/strategy/built-in/enhanced-strategy-definition.js';
import { openBacktest } from './backtest.js';
import { importDefault } from './strategy-module.js';
import { sweepHost } from './sweeps.js';

export const optionsOf = (request: ConfigRequest): LoadOptions => ({
  ...(request.file === undefined ? {} : { file: request.file }),
  ...(profileOf(request) === undefined ? {} : { profile: profileOf(request) }),
  overrides: overridesOf(request),
  env: environment(),
  cwd: process.cwd(),
});

/** The fallback speaks only when nobody else names a profile: no flag, no file, no variable. */
const profileOf = (request: ConfigRequest): string | undefined =>
  request.profile ?? (request.file === undefined && !namesProfile(environment()) ? request.fallbackProfile : undefined);

/**
 * Variables are read without regard to case: one that chooses a profile must not lose to the fallback for its spelling.
 */
const namesProfile = (variables: Readonly<Record<string, string | undefined>>): boolean =>
  Object.keys(variables).some((name) => name.toUpperCase() === 'PERPSBOT__PROFILE');

/** Throws CFG-*, with every problem at once. */
export const load = (request: ConfigRequest): LoadedConfig => loadConfig(optionsOf(request));

function describe(loaded: LoadedConfig): ResolvedConfig {
  return {
    config: loaded.config,
    warnings: loaded.warnings,
    origins: describeConfig(loaded, { origin: true }).map(({ path, value, origin, where }) => ({
      path,
      value,
      origin: origin ?? 'default',
      ...(where === undefined ? {} : { where }),
    })),
  };
}

/** A device or a pipe (`/dev/stdout`) is written to; renaming a file over it would replace it. */
function writeAtomic(path: string, content: string): void {
  const special = existsSync(path) && !statSync(path).isFile();
  mkdirSync(dirname(resolve(path)), { recursive: true });
  if (special) writeFileSync(path, content);
  else new NodeFiles().writeAtomic(resolve(path), content);
}

/** What backtests, searches and reports take from this machine, whoever asks for them: it knows of no terminal. */
export function runHost({
  clock,
  build,
}: {
  readonly clock: HostClock;
  readonly build: RunHost['build'];
}): RunHost & { readonly clock: HostClock; readonly timers: HostTimers } {
  return {
    clock,
    build,
    timers: new HostTimers(clock),
    dataFiles: new NodeDataFiles(),
    readFile: (path) => (existsSync(path) ? readFileSync(path) : undefined),
    writeFile: (path, content) => {
      mkdirSync(dirname(resolve(path)), { recursive: true });
      writeFileSync(path, content);
    },
    writeAtomic,
    importDefault: (path) => importDefault(path),
    builtInStrategies: () => [new BaselineStrategyDefinition(), new EnhancedStrategyDefinition()],
    loadConfig: (request) => describe(load(request)),
    openBacktest: (request) => openBacktest(load(request.config).config, request),
    sweeps: sweepHost({ build }),
  };
}
