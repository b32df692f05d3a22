import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describeConfig, environment, loadConfig, type LoadedConfig, type LoadOptions } from '../config/index.js';
import { hostFiles, isSpecial, writing } from '../src/platform/host-files.js';
import { NodeFiles } from '../src/platform/node-files.js';
import { HostTimers } from '../src/platform/time/host-timers.js';
import type { HostClock } from '../src/ports/configuration/clock.js';
import { overridesOf } from '../src/runs/config-overrides.js';
import type { ConfigRequest, ResolvedConfig } from '../src/runs/config-request.js';
import type { RunHost } from '../src/runs/run-host.js';
import { BaselineStrategyDefinition } from '../src/services/strategy/built-in/baseline-strategy-definition.js';
import { EnhancedStrategyDefinition } from '../src/services/strategy/built-in/enhanced-strategy-definition.js';
import { StrategyRegistry } from '../src/ports/core-services/strategy.js';
import { openBacktest } from './backtest.js';
import { composeBot } from './create-bot.js';
import { importDefault } from './strategy-module.js';
import { sweepHost } from './sweeps.js';

export const optionsOf = (request: ConfigRequest): LoadOptions => ({
  ...(request.file === undefined ? {} : { file: request.file }),
  ...(profileOf(request) === undefined ? {} : { profile: profileOf(request) }),
  overrides: overridesOf(request),
  ...(request.strategyNames === undefined ? {} : { strategies: request.strategyNames }),
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
    // Most runs never ask where each of some hundred values came from.
    get origins() {
      return describeConfig(loaded, { origin: true }).map(({ path, value, origin, where }) => ({
        path,
        value,
        origin: origin ?? 'default',
        ...(where === undefined ? {} : { where }),
      }));
    },
  };
}

const writeAtomic = (path: string, content: string): void =>
  writing(path, () => {
    if (isSpecial(path)) writeFileSync(path, content);
    else new NodeFiles().writeAtomic(resolve(path), content);
  });

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
    ...hostFiles(),
    writeFile: (path, content) => writing(path, () => writeFileSync(path, content)),
    writeAtomic,
    importDefault: (path) => importDefault(path),
    assertStrategy: (request, strategies = []) =>
      void composeBot({ config: load(request).config, strategies }).container.get(StrategyRegistry),
    builtInStrategies: () => [new BaselineStrategyDefinition(), new EnhancedStrategyDefinition()],
    loadConfig: (request) => describe(load(request)),
    openBacktest: (request) => openBacktest(load(request.config).config, request),
    sweeps: sweepHost({ build }),
  };
}
