import { existsSync } from 'node:fs';
import { BacktestRunner, type BacktestSession } from '../src/backtest/backtest-runner.js';
import { fault } from '../src/domain/errors.js';
import { EventStore } from '../src/ports/storage/event-store.js';
import type { BotConfig } from '../src/ports/configuration/settings/bot-config.js';
import type { RiskSettings } from '../src/ports/configuration/settings/risk-settings.js';
import type { BacktestRequest } from '../src/runs/run-host.js';
import { UnkeptJournal } from '../src/storage/memory/unkept-journal.js';
import { journalPath } from '../src/storage/sqlite/journal-format.js';
import type { BotContainer } from './container.js';
import { createBot } from './create-bot.js';

/** A run in steps begins its journal: what another run or a trading bot wrote there would become its past. */
function refuseUsedJournal({ storage }: BotConfig): void {
  if (storage.driver === 'memory' || storage.directory === undefined) return;
  const path = journalPath(storage.directory);
  if (!existsSync(path)) return;
  throw fault('STORE-003', `A backtest in steps must have a journal of its own, and ${path} is there already.`, {
    where: path,
    why: 'The run would start with the positions and the profit of whoever wrote it, and leave its records among theirs.',
    fix: 'Name a new directory with --state.',
  });
}

/** Whoever trades re-arms a strategy that has entered often; history has nobody to do it. */
export function withoutPeople(risk: RiskSettings): RiskSettings {
  const left: { -readonly [K in keyof RiskSettings]: RiskSettings[K] } = { ...risk };
  delete left.maxUnattendedEntries;
  return left;
}

/** The container is the composition root's alone: the use cases see the session. */
interface OpenedBacktest extends BacktestSession {
  readonly container: BotContainer;
}

/** A started bot of the backtest world: the same container, with time and market left to the run. */
export async function openBacktest(
  config: BotConfig,
  { mode, startAt, strategies, keepsRecords }: Omit<BacktestRequest, 'config'>,
): Promise<OpenedBacktest> {
  if (mode === 'step') refuseUsedJournal(config);
  const bot = createBot({
    config: {
      ...config,
      risk: withoutPeople(config.risk),
      storage: mode === 'step' ? config.storage : { driver: 'memory' },
      // What a backtest has to say stands in its result: decisions, refusals and gates, counted.
      logging: { ...config.logging, level: config.logging.level === 'info' ? 'error' : config.logging.level },
    },
    ...(strategies === undefined ? {} : { strategies }),
    // Fast and step modes differ in pump and journal only: a journal that ends unread with the run is not kept.
    ...(mode === 'step' || keepsRecords === true
      ? {}
      : { overrides: (wired) => void wired.rebind(EventStore).to(UnkeptJournal).inSingletonScope() }),
  });
  const { container } = bot;
  const runner = container.get(BacktestRunner);
  runner.begin(startAt);
  await bot.open();
  return {
    container,
    runner,
    records: (types) => container.get(EventStore).query({ types }),
    close: async () => {
      await bot.stop();
    },
  };
}
