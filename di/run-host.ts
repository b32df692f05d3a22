import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { describeConfig, environment, loadConfig, type LoadedConfig, type LoadOptions } from '../config/index.js';
import { fault } from '../src/domain/errors.js';
import { pathFault } from '../src/flow/path-fault.js';
import { NodeDataFiles } from '../src/platform/node-data-files.js';
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
import { makeDirectory } from '../src/flow/make-directory.js';

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

/** A device or a pipe (`/dev/stdout`) is written to; renaming a file over it would replace it. */
const isSpecial = (path: string): boolean => existsSync(path) && !statSync(path).isFile();

/** Every write of a command: what the system refuses is named by its cause. */
function writing(path: string, write: () => void): void {
  try {
    makeDirectory(dirname(resolve(path)));
    write();
  } catch (error) {
    throw pathFault({ must: `${path} must be a file that can be written`, where: path, code: 'STORE-003' }, error);
  }
}

const writeAtomic = (path: string, content: string): void =>
  writing(path, () => {
    if (isSpecial(path)) writeFileSync(path, content);
    else new NodeFiles().writeAtomic(resolve(path), content);
  });

const STORE = /\.db(-(wal|shm|journal|witness))?$|^instance\.lock$/;

/**
 * A journal, an exchange's books, or what stands beside them: written over, orders and positions would be forgotten. By
 * its name, for a process that opens and closes a file lets go of its locks on it.
 */
function assertNoStore(path: string): void {
  if (!STORE.test(basename(path)) || !existsSync(path)) return;
  throw fault('STORE-003', `${path} must be a file that may be written over, was part of a bot's state.`, {
    where: path,
    fix: 'Name another file.',
  });
}

/** As it will be written: beside the target, under a name as long. */
const checkOutput = (path: string): void =>
  writing(path, () => {
    assertNoStore(path);
    if (isSpecial(path)) {
      if (statSync(path).isDirectory()) throw Object.assign(new Error('it is a directory'), { code: 'EISDIR' });
      return;
    }
    const probe = join(dirname(resolve(path)), `.${basename(path)}.${randomUUID()}.tmp`);
    writeFileSync(probe, '', { flag: 'wx' });
    rmSync(probe);
  });

/** Undefined where there is none; what is there and cannot be read is named. */
function readFile(path: string): Uint8Array | undefined {
  try {
    return existsSync(path) ? readFileSync(path) : undefined;
  } catch (error) {
    throw pathFault({ must: `${path} must be readable`, where: path, code: 'DATA-002' }, error);
  }
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
    readFile,
    writeFile: (path, content) => writing(path, () => writeFileSync(path, content)),
    writeAtomic,
    checkOutput,
    importDefault: (path) => importDefault(path),
    assertStrategy: (request, strategies = []) =>
      void composeBot({ config: load(request).config, strategies }).container.get(StrategyRegistry),
    builtInStrategies: () => [new BaselineStrategyDefinition(), new EnhancedStrategyDefinition()],
    loadConfig: (request) => describe(load(request)),
    openBacktest: (request) => openBacktest(load(request.config).config, request),
    sweeps: sweepHost({ build }),
  };
}
