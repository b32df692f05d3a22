import { fault } from '../src/domain/errors.js';
import type { Decision } from '../src/domain/decision.js';
import type { Product } from '../src/domain/market.js';
import { cleanError } from '../src/platform/secrets/clean-error.js';
import type { Token } from '../src/injection/token.js';
import { Brokerage } from '../src/ports/venue/brokerage.js';
import { Clock } from '../src/ports/configuration/clock.js';
import { Redactor } from '../src/ports/configuration/redactor.js';
import { EventStore } from '../src/ports/storage/event-store.js';
import { ExecutionCoordinator, ExecutionEngine, type Submission } from '../src/ports/core-services/execution.js';
import {
  LifecycleService,
  PartsSupervisor,
  type RunOptions,
  type StopReport,
} from '../src/ports/market-services/lifecycle.js';
import { MarketData } from '../src/ports/market-data/market-data.js';
import { Portfolio } from '../src/ports/runtime-state/portfolio.js';
import { ProductCatalogue } from '../src/ports/core-services/product-catalogue.js';
import { RiskManager } from '../src/ports/core-services/risk-manager.js';
import { LastDecisions, OrderStats } from '../src/ports/runtime-state/runtime-state.js';
import { RuntimeCoordinator } from '../src/ports/core-services/runtime-coordinator.js';
import { ConfigController, type ConfigChange } from '../src/ports/configuration/settings/config-controller.js';
import type { BotConfig } from '../src/ports/configuration/settings/bot-config.js';
import { StrategyOrchestrator } from '../src/ports/core-services/strategy.js';
import { Streaming } from '../src/ports/streaming/streaming.js';
import { SystemMonitor, type Health } from '../src/ports/core-services/system-monitor.js';
import { TradingCycle } from '../src/ports/market-services/trading-cycle.js';
import { WindowStore, type MarkWindow } from '../src/ports/runtime-state/window-store.js';
import type { BotContainer } from './container.js';
import type { Composition } from './compose.js';

type State = 'created' | 'started' | 'stopped';

/**
 * The seed's PerpsBot: the surface of one composed bot. It holds no state of its own and no service holds it, so there
 * is nothing to rebind. Accessors throw BOT-001 before `start` and after `stop`.
 */
export class PerpsBot {
  readonly container: BotContainer;
  private state: State = 'created';
  private opening: Promise<void> | undefined;
  private running: Promise<void> | undefined;

  constructor(readonly composition: Composition) {
    this.container = composition.container;
  }

  get config(): BotConfig {
    return this.container.get(ConfigController).current;
  }

  get broker(): Brokerage {
    return this.live(Brokerage, 'Broker');
  }

  get riskManager(): RiskManager {
    return this.live(RiskManager, 'Risk manager');
  }

  get execEngine(): ExecutionEngine {
    return this.live(ExecutionEngine, 'Execution engine');
  }

  /** The shared windows, by symbol. */
  get markWindows(): ReadonlyMap<string, MarkWindow> {
    const windows = this.container.get(WindowStore);
    return new Map(windows.symbols().map((symbol) => [symbol, windows.find(symbol) as MarkWindow]));
  }

  get lastDecisions(): LastDecisions {
    return this.container.get(LastDecisions);
  }

  get orderStats(): OrderStats {
    return this.container.get(OrderStats);
  }

  get portfolio(): Portfolio {
    return this.container.get(Portfolio);
  }

  get events(): EventStore {
    return this.container.get(EventStore);
  }

  get isRunning(): boolean {
    return this.container.get(LifecycleService).running;
  }

  /** Every part is up: from the end of `open` or `start` until `stop`. */
  get isOpen(): boolean {
    return this.state === 'started';
  }

  /**
   * Brings every part up, in phase order. Nothing trades yet. Fails with BOT-002 after taking down what had started.
   */
  async open(): Promise<void> {
    if (this.state !== 'created' || this.opening !== undefined) {
      throw fault(
        'BOT-003',
        `A bot must be started once, was ${this.opening === undefined ? this.state : 'starting'} already.`,
        { fix: 'Create another one: createBot() wires a fresh container.' },
      );
    }
    this.opening = this.openParts();
    await this.opening;
  }

  /** Opens and runs until a stop is asked for, or the given cycles are done; everything is down when it settles. */
  async run(options: RunOptions = {}): Promise<void> {
    this.assertNotRun();
    if (this.state !== 'started') await this.open();
    this.running = this.runToEnd(options);
    await this.running;
  }

  /** Opens, where that is not done, and runs in the background; resolves when every part is up. `stop` ends it. */
  async start(options: RunOptions = {}): Promise<void> {
    this.assertNotRun();
    if (this.state !== 'started') await this.open();
    // The caller learns of a failure from `finished`; unheard it must not take the process down.
    this.run(options).catch(() => undefined);
  }

  /** Settles with the run that `start` began; rejects when it died. */
  get finished(): Promise<void> {
    return this.running ?? Promise.resolve();
  }

  /** Safe from a signal handler: the run ends after its current step. */
  requestStop(reason: string): void {
    this.container.get(LifecycleService).requestStop(reason);
  }

  /**
   * The seed's `shutdown()`: idempotent; leaves no task, timer or socket. Asked for while the parts come up, it ends
   * the coming up: a venue that never answers cannot hold it.
   */
  async stop(reason = 'stop'): Promise<StopReport> {
    if (this.state === 'created') return this.stopOpening();
    if (this.isRunning) {
      this.requestStop(reason);
      await this.running?.catch(() => undefined);
    }
    this.state = 'stopped';
    return this.container.get(PartsSupervisor).stop();
  }

  private async stopOpening(): Promise<StopReport> {
    if (this.opening === undefined) return { stopped: [], failed: [] };
    const report = await this.container.get(PartsSupervisor).stop();
    this.state = 'stopped';
    return report;
  }

  /** One cycle by hand: marks, session, series, decisions, status. */
  async runCycle(): Promise<void> {
    await this.container.get(TradingCycle).run();
  }

  async updateMarks(): Promise<void> {
    await this.container.get(MarketData).updateMarks();
  }

  /** Delegates to the strategy orchestrator. */
  processSymbol(symbol: string): Decision | undefined {
    return this.container.get(StrategyOrchestrator).processSymbol(symbol, this.now());
  }

  /** Delegates to the execution coordinator. */
  executeDecision(symbol: string, decision: Decision): Submission {
    const instrument = this.container.get(ProductCatalogue).instrument(symbol);
    const mark = this.container.get(WindowStore).find(symbol)?.last;
    if (mark === undefined) return { outcome: 'refused', check: 'no_marks', reason: `${symbol} has no mark.` };
    return this.container
      .get(ExecutionCoordinator)
      .executeDecision(instrument, decision, mark, this.portfolio.position(instrument), this.now());
  }

  /** Delegates to the system monitor. */
  writeHealthStatus(health: Health): void {
    this.container.get(SystemMonitor).writeHealthStatus(health);
  }

  getProduct(symbol: string): Product {
    return this.container.get(ProductCatalogue).getProduct(symbol);
  }

  isReduceOnlyMode(): boolean {
    return this.container.get(RuntimeCoordinator).isReduceOnlyMode();
  }

  async setReduceOnlyMode(enabled: boolean, reason: string, actor?: string): Promise<void> {
    await this.container.get(RuntimeCoordinator).setReduceOnlyMode(enabled, reason, actor);
  }

  /**
   * Loosens the safety state to NORMAL, a halt too. Rejects with RISK-003 without an operator or a reason, and with
   * RISK-004, naming what differs, unless this bot and its venue agree.
   */
  async resume(reason: string, actor: string): Promise<void> {
    await this.container.get(RuntimeCoordinator).resume(reason, actor);
  }

  applyConfigChange(change: ConfigChange): void {
    this.container.get(ConfigController).apply(change);
  }

  /** The seed's `_start_streaming_if_configured`, for toggling at run time. */
  async startStreamingIfConfigured(): Promise<void> {
    await this.container.get(Streaming).start();
  }

  private assertNotRun(): void {
    if (this.running === undefined) return;
    throw fault('BOT-003', 'A bot must be run once, was run already.', {
      fix: 'Await the first run; createBot() wires a fresh bot.',
    });
  }

  private async openParts(): Promise<void> {
    try {
      await this.container.get(PartsSupervisor).start();
      this.state = 'started';
    } catch (error) {
      throw this.clean(error);
    } finally {
      this.opening = undefined;
    }
  }

  private async runToEnd(options: RunOptions): Promise<void> {
    try {
      await this.container.get(LifecycleService).run(options);
    } catch (error) {
      throw this.clean(error);
    } finally {
      this.state = 'stopped';
    }
  }

  /** Whoever shows it has no redactor. */
  private clean(error: unknown): unknown {
    const redactor = this.container.get(Redactor);
    return cleanError(error, (text) => redactor.text(text));
  }

  private now(): number {
    return this.container.get(Clock).now();
  }

  private live<T>(token: Token<T>, what: string): T {
    if (this.state !== 'started') {
      throw fault('BOT-001', `${what} must not be used ${this.state === 'created' ? 'before start' : 'after stop'}.`, {
        fix: 'Await bot.start() first.',
      });
    }
    return this.container.get(token);
  }
}
