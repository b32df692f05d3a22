import { existsSync } from 'node:fs';
import type { BacktestRequest, BacktestSession } from '../src/runs/run-host.js';
import { fault } from '../src/domain/errors.js';
import { AccountAccess } from '../src/ports/venue/account-access.js';
import { DrivenClock, HostClock } from '../src/ports/configuration/clock.js';
import { EventStore } from '../src/ports/storage/event-store.js';
import { ExecutionEngine, OrderLog } from '../src/ports/core-services/execution.js';
import { IndicatorData } from '../src/ports/core-services/indicator-data.js';
import { MarketData } from '../src/ports/market-data/market-data.js';
import { OpenOrders } from '../src/ports/runtime-state/open-orders.js';
import { Portfolio } from '../src/ports/runtime-state/portfolio.js';
import { ProductCatalogue } from '../src/ports/core-services/product-catalogue.js';
import { GateLedger, PendingWork } from '../src/ports/runtime-state/runtime-state.js';
import { SafetyLadder } from '../src/ports/storage/safety-ladder.js';
import { SeriesStore } from '../src/ports/runtime-state/series.js';
import { DrivenScheduler, HostScheduler } from '../src/ports/configuration/scheduler.js';
import type { BotConfig } from '../src/ports/configuration/settings/bot-config.js';
import { SimulatedExchange } from '../src/ports/core-services/simulated-exchange.js';
import { StrategyRegistry } from '../src/ports/core-services/strategy.js';
import { Trace } from '../src/ports/runtime-state/trace.js';
import { TradingCycle } from '../src/ports/market-services/trading-cycle.js';
import { journalPath } from '../src/storage/sqlite/journal-format.js';
import { UnkeptJournal } from '../src/storage/memory/unkept-journal.js';
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

/** A started bot of the backtest world: the same container, with time and market left to the pump. */
export async function openBacktest(
  config: BotConfig,
  request: Omit<BacktestRequest, 'config'>,
): Promise<BacktestSession> {
  if (request.mode === 'step') refuseUsedJournal(config);
  const bot = createBot({
    config: {
      ...config,
      storage: request.mode === 'step' ? config.storage : { driver: 'memory' },
      // What a backtest has to say stands in its result: decisions, refusals and gates, counted.
      logging: { ...config.logging, level: config.logging.level === 'info' ? 'error' : config.logging.level },
    },
    ...(request.strategies === undefined ? {} : { strategies: request.strategies }),
    // Fast and step modes differ in pump and journal only: a journal that ends unread with the run is not kept.
    ...(request.mode === 'step'
      ? {}
      : { overrides: (wired) => void wired.rebind(EventStore).to(UnkeptJournal).inSingletonScope() }),
  });
  const { container } = bot;
  const clock = container.get(DrivenClock);
  clock.set(request.startAt);
  // History moves the clock, bar by bar; no timer may run ahead of it.
  container.get(DrivenScheduler).pause();
  await bot.open();
  const symbol = config.symbols[0] ?? '';
  return {
    services: {
      clock,
      exchange: container.get(SimulatedExchange),
      marketData: container.get(MarketData),
      cycle: container.get(TradingCycle),
      pending: container.get(PendingWork),
      portfolio: container.get(Portfolio),
      journal: container.get(EventStore),
      indicators: container.get(IndicatorData),
      series: container.get(SeriesStore),
      hostClock: container.get(HostClock),
      hostScheduler: container.get(HostScheduler),
      instrument: container.get(ProductCatalogue).instrument(symbol),
      instrumentOf: (other) => container.get(ProductCatalogue).instrument(other),
      stepMs: config.updateIntervalMs,
      scheduler: container.get(DrivenScheduler),
      gates: container.get(GateLedger),
      openOrders: container.get(OpenOrders),
      trace: container.get(Trace),
      engine: container.get(ExecutionEngine),
      orders: container.get(OrderLog),
      broker: container.get(AccountAccess),
      safety: container.get(SafetyLadder),
    },
    strategies: container.get(StrategyRegistry),
    seed: config.simulation.seed,
    close: async () => {
      await bot.stop();
    },
  };
}
