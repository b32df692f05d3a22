import type { HostClock } from '../ports/configuration/clock.js';
import type { Scheduler } from '../ports/configuration/scheduler.js';
import type { StrategyDefinition } from '../ports/core-services/strategy.js';
import type { DataFiles } from '../ports/research/data-files.js';
import type { BacktestSession } from '../backtest/backtest-runner.js';
import type { ConfigRequest, ResolvedConfig } from './config-request.js';
import type { SweepHost } from './sweep-host.js';

export interface ConfigSource {
  /** Throws CFG-*, with every problem at once. */
  loadConfig(request: ConfigRequest): ResolvedConfig;
}

/** The files of the machine, where market data lies and results go. */
export interface HostFiles {
  /** Files of market data, and the catalog's. */
  readonly dataFiles: DataFiles;
  /** Undefined when there is no such file. */
  readFile(path: string): Uint8Array | undefined;
  /** Throws what writing a file there would throw, before there is anything to write. Its directory is made. */
  checkOutput(path: string): void;
}

/** What opens recorded markets. */
export interface MarketHost extends ConfigSource, Pick<HostFiles, 'dataFiles'> {}

export interface ModuleHost {
  /** What a JavaScript module exports by default. Rejects with what the runtime says of a module it cannot load. */
  importDefault(path: string): Promise<unknown>;
}

export interface BacktestRequest {
  readonly config: ConfigRequest;
  /** `step` journals through the store on disk. */
  readonly mode: 'fast' | 'step';
  /** First bar's open. */
  readonly startAt: number;
  /** With `fast`: the records of the run are kept in memory, for `records`. */
  readonly keepsRecords?: true;
  /** Beside the built-in ones. */
  readonly strategies?: readonly StrategyDefinition[];
}

/** What backtests are run by. */
export interface BacktestHost extends MarketHost, ModuleHost {
  /** Throws what a start would say of the configured strategy: CFG-008, CFG-002, STRAT-001. Starts nothing. */
  assertStrategy(request: ConfigRequest, strategies?: readonly StrategyDefinition[]): void;
  openBacktest(request: BacktestRequest): Promise<BacktestSession>;
  /** Names and descriptions of what the package brings. */
  builtInStrategies(): readonly StrategyDefinition[];
}

/** What reports and saved runs are written by. */
export interface ReportHost extends ConfigSource, Pick<HostFiles, 'readFile' | 'checkOutput'> {
  readonly clock: Pick<HostClock, 'wall'>;
  readonly build: { readonly version: string; readonly commit?: string; readonly node: string };
  /** Readers see the old or the new content, never half of it. */
  writeAtomic(path: string, content: string): void;
}

/** What searches are run by. */
export interface SearchHost extends MarketHost, HostFiles, ModuleHost {
  readonly sweeps: SweepHost;
  writeFile(path: string, content: string): void;
}

/** Everything the use cases take from below; a host has more, and each use case asks for less. */
export interface RunHost extends BacktestHost, ReportHost, SearchHost {
  readonly timers: Pick<Scheduler, 'sleep'>;
}
