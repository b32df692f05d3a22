import { accessSync, constants, existsSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { configJsonSchema, createConfigController, environment, statePlaceOf } from '../config/index.js';
import { AboveStatusLine } from '../src/cli/text/above-status-line.js';
import type { BotRequest, CliBot, CliHost, CliShell, JournalAccess } from '../src/cli/host.js';
import { fault } from '../src/domain/errors.js';
import { terminalText } from '../src/flow/plain-text.js';
import { pathFault } from '../src/flow/path-fault.js';
import type { ControlHost } from '../src/operator/control/reach-bot.js';
import { redraws } from '../src/cli/text/palette.js';
import { tuneSeldom } from '../src/platform/engine-flags.js';
import { NodeFiles } from '../src/platform/node-files.js';
import { NodeGrowingFile } from '../src/platform/node-growing-file.js';
import { StderrOutput } from '../src/platform/stderr-output.js';
import { Clock } from '../src/ports/configuration/clock.js';
import { EventStore, type Json } from '../src/ports/storage/event-store.js';
import { LogOutput } from '../src/ports/configuration/logger.js';
import { Portfolio } from '../src/ports/runtime-state/portfolio.js';
import { LastDecisions, OrderStats } from '../src/ports/runtime-state/runtime-state.js';
import { SafetyLadder } from '../src/ports/storage/safety-ladder.js';
import { MarketDriver } from '../src/ports/core-services/simulated-exchange.js';
import { TradingCycle } from '../src/ports/market-services/trading-cycle.js';
import { InstanceLock } from '../src/storage/sqlite/instance-lock.js';
import { loadSqliteDriver } from '../src/storage/sqlite/runtime-sqlite.js';
import { journalPath } from '../src/storage/sqlite/journal-format.js';
import { exportLines, recordTypes, tail, verify } from '../src/storage/journal-reader.js';
import { heldPositions } from '../src/operator/control/told.js';
import { OrderLog } from '../src/ports/core-services/execution.js';
import type { Composition } from './compose.js';
import type { BotContainer } from './container.js';
import { composeBot, createBot } from './create-bot.js';
import { renderGraph } from './graph.js';
import { load, optionsOf, runHost } from './run-host.js';

const logAboveStatus = (container: BotContainer): void =>
  void container.rebind(LogOutput).toConstantValue(new AboveStatusLine(new StderrOutput()));

function foregroundBot({ config: request, recording, market, strategies }: BotRequest, { io }: CliShell): CliBot {
  const loaded = load(request);
  if (loaded.config.world === 'live') tuneSeldom();
  const bot = createBot({
    controller: createConfigController(loaded, { ...optionsOf(request), env: environment }),
    ...(recording === undefined ? {} : { recording }),
    ...(market === undefined ? {} : { market }),
    ...(strategies === undefined ? {} : { strategies }),
    ...(redraws(io.stderr, io.env) ? { overrides: logAboveStatus } : {}),
  });
  const { container } = bot;
  const journal = container.get(EventStore);
  return {
    config: loaded.config,
    clock: container.get(Clock),
    portfolio: container.get(Portfolio),
    held: () => heldPositions(container.get(Portfolio), container.get(OrderLog)),
    safety: container.get(SafetyLadder),
    cycle: container.get(TradingCycle),
    orders: container.get(OrderStats),
    decisions: container.get(LastDecisions),
    ...(container.isBound(MarketDriver) ? { market: container.get(MarketDriver) } : {}),
    get journalHealthy() {
      return journal.healthy;
    },
    journal: journalFile(loaded.config.storage),
    start: () => bot.open(),
    run: (options) => bot.run(options),
    requestStop: (reason) => bot.requestStop(reason),
    stop: async () => {
      await bot.stop();
    },
  };
}

const composed = ({ config, strategies = [] }: BotRequest): Composition =>
  composeBot({ config: load(config).config, strategies });

const journalFile = ({ driver, directory }: Parameters<CliHost['openJournal']>[0]): string | undefined =>
  driver === 'memory' || directory === undefined ? undefined : journalPath(directory);

function openJournal(storage: Parameters<CliHost['openJournal']>[0]): JournalAccess | undefined {
  const path = journalFile(storage);
  if (path === undefined || !existsSync(path)) return undefined;
  return {
    path,
    query: (query) => tail(path, query),
    types: () => recordTypes(path),
    exportLines: (write) => exportLines(path, write),
    verify: () => verify(path),
  };
}

const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

const probes: CliHost['probes'] = {
  sqlite: () => loadSqliteDriver().name,
  writable: (directory) => {
    const existing = nearestExisting(directory);
    try {
      accessSync(existing, constants.W_OK);
      const probe = join(existing, `.perpsbot-probe-${process.pid}`);
      writeFileSync(probe, 'probe', { flush: true });
      rmSync(probe);
    } catch (error) {
      throw pathFault({ must: `${directory} must be writable`, where: directory, code: 'STORE-003' }, error);
    }
  },
  freeBytes: (directory) => {
    const { bavail, bsize } = statfsSync(nearestExisting(directory));
    return bavail * bsize;
  },
};

function nearestExisting(directory: string): string {
  const path = resolve(directory);
  return existsSync(path) || dirname(path) === path ? path : nearestExisting(dirname(path));
}

/** A user without an entry in the system's list, as containers have, is known by his number. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}

function controlHost(shell: CliShell, run: ReturnType<typeof runHost>): ControlHost {
  return {
    timers: run.timers,
    clock: shell.clock,
    readText: (path) => shell.readText(path),
    writeAtomic: (path, content) => run.writeAtomic(path, content),
    lockHolder: (directory) => InstanceLock.holder(loadSqliteDriver(), directory),
    journalOf: (directory) => {
      const path = journalPath(directory);
      return existsSync(path) ? { query: (query) => tail(path, query) } : undefined;
    },
  };
}

/** The command line's view of everything below it. The only part, with launch.ts, that touches the process. */
export function cliHost(shell: CliShell, overrides?: (container: BotContainer) => void): CliHost {
  const run = runHost(shell);
  return {
    ...run,
    ...shell,
    probes,
    control: controlHost(shell, run),
    user: userName(),
    onSignal: (listener) => {
      const handlers = STOP_SIGNALS.map((signal) => [signal, (): void => listener(signal)] as const);
      for (const [signal, handler] of handlers) process.on(signal, handler);
      return () => {
        for (const [signal, handler] of handlers) process.off(signal, handler);
      };
    },
    exit: (code) => process.exit(code),
    assertFiles: async (request) => {
      const { simulation, world } = load(request).config;
      if (world === 'live') return;
      const { checkSettingsFiles } = await import('../src/venues/simulated/exchange/settings-files.js');
      const files = new NodeFiles();
      checkSettingsFiles(simulation, (path) => files.readText(path));
    },
    openHistory: async (request) =>
      (await import('../src/venues/ccxt/ccxt-public-history.js')).openCcxtHistory(request),
    serveVenue: async (request) => (await import('./wire/serve-venue.js')).serveVenue(request),
    openPublicMarket: async (request, heard) =>
      (await import('./wire/public-market.js')).openPublicMarket(
        load(request).config.venue,
        (message) => shell.io.stderr.write(terminalText(`${message}\n`)),
        heard,
      ),
    openRecordFile: async (path, overwrite) =>
      (await import('../src/platform/node-record-file.js')).NodeRecordFile.open(path, overwrite),
    openGrowingFile: (path) => new NodeGrowingFile(path),
    statePlace: (request) => statePlaceOf(optionsOf(request)),
    compareBeside: async (request, directory, tell) =>
      (await import('./beside/account-beside.js')).compareBeside(load(request).config, directory, tell),
    haltBeside: async (request, directory, withinMs, tell) =>
      (await import('./beside/direct-commands.js')).haltBeside(load(request).config, directory, withinMs, tell),
    flattenBeside: async (request, directory, asked) =>
      (await import('./beside/direct-commands.js')).flattenBeside(load(request).config, directory, asked),
    preflightBeside: async (request) => {
      const { config } = load(request);
      const { directory } = config.storage;
      if (directory === undefined)
        throw fault('CFG-006', 'A preflight must have a state directory to be kept in.', {
          fix: 'Name it with --state.',
        });
      return (await import('./beside/preflight.js')).preflightBeside(config, directory, overrides);
    },
    configSchema: () => configJsonSchema() as Json,
    createBot: async (request) => foregroundBot(request, shell),
    graph: async (request, format) => renderGraph(composed(request).graph(), format),
    verify: async (request) => composed(request).verify(),
    openJournal,
  };
}
