import { injectable } from 'inversify';
import { fault, messageOf, type PerpsBotError } from '../../domain/errors.js';
import { inject, injectAll } from '../../injection/inject.js';
import { Clock } from '../../ports/configuration/clock.js';
import { EventStore } from '../../ports/storage/event-store.js';
import {
  BackgroundTask,
  LifecycleService,
  PartsSupervisor,
  type RunOptions,
} from '../../ports/market-services/lifecycle.js';
import { Logger } from '../../ports/configuration/logger.js';
import { RuntimeCoordinator } from '../../ports/core-services/runtime-coordinator.js';
import { SafetyLadder } from '../../ports/storage/safety-ladder.js';
import { HostScheduler, Scheduler } from '../../ports/configuration/scheduler.js';
import { ConfigController } from '../../ports/configuration/settings/config-controller.js';
import { SystemMonitor } from '../../ports/core-services/system-monitor.js';
import { TradingCycle } from '../../ports/market-services/trading-cycle.js';
import { recordFatal } from './fatal-record.js';
import { TaskSupervisor } from './task-supervisor.js';
import { withDeadline } from '../../flow/deadline.js';
import { tighten } from '../../flow/tighten.js';

/** The seed's `run()`: reconcile, spawn tasks, then cycle, health, configuration check, until stopped. */
@injectable()
export class BotLifecycleService implements LifecycleService {
  private stop = new AbortController();
  private isRunning = false;
  /** What ended the journal, where that ends the run. */
  private lost: PerpsBotError | undefined;
  private readonly supervisor: TaskSupervisor;

  constructor(
    @inject(PartsSupervisor) private readonly parts: PartsSupervisor,
    @injectAll(BackgroundTask) private readonly background: BackgroundTask[],
    @inject(RuntimeCoordinator) private readonly runtime: RuntimeCoordinator,
    @inject(TradingCycle) private readonly cycle: TradingCycle,
    @inject(SystemMonitor) private readonly monitor: SystemMonitor,
    @inject(SafetyLadder) private readonly ladder: SafetyLadder,
    @inject(EventStore) private readonly events: EventStore,
    @inject(ConfigController) private readonly config: ConfigController,
    @inject(Scheduler) private readonly scheduler: Scheduler,
    @inject(HostScheduler) private readonly hostScheduler: Scheduler,
    @inject(Clock) private readonly clock: Clock,
    @inject(Logger) private readonly logger: Logger,
  ) {
    this.supervisor = new TaskSupervisor({
      scheduler,
      hostScheduler,
      clock,
      logger,
      onDeath: (task, error) =>
        this.events.append('error', { message: 'background_task_died', task, error: messageOf(error) }),
    });
  }

  get running(): boolean {
    return this.isRunning;
  }

  get tasks(): readonly string[] {
    return this.supervisor.names;
  }

  /** Asked before the run, it ends the run before its first cycle. */
  requestStop(reason: string): void {
    if (!this.stop.signal.aborted) this.logger.info('Stopping', { reason });
    this.stop.abort();
  }

  async run(options: RunOptions = {}): Promise<void> {
    if (this.isRunning) throw fault('BOT-003', 'run() must not be called while the bot runs.');
    this.isRunning = true;
    const { dryRun, profile } = this.config.current;
    this.logger.info('Starting', { profile, dryRun });
    let failure: unknown;
    const unsubscribe = this.events.onFailure?.((error) => this.afterLostJournal(error));
    try {
      if (!dryRun && !this.stop.signal.aborted) {
        await this.unlessHung(this.runtime.reconcileStateOnStartup());
        if (options.singleCycle !== true) this.supervisor.spawn(this.background);
      }
      await this.loop(options, dryRun);
      if (this.lost !== undefined) throw this.lost;
    } catch (error) {
      failure = error;
      recordFatal(this.events, 'run', error);
      this.monitor.writeHealthStatus({ ok: false, error: messageOf(error), running: false });
      throw error;
    } finally {
      unsubscribe?.();
      await this.supervisor.cancelAll(this.config.current.tasks.stopBudgetMs);
      if (failure === undefined) this.monitor.writeHealthStatus({ ok: true, message: 'stopped', running: false });
      await this.parts.stop();
      this.stop = new AbortController();
      this.isRunning = false;
    }
  }

  /**
   * A dry run ends after one cycle, unless told how many to run. Ends with the error of the last cycle, if that failed.
   */
  private async loop(options: RunOptions, dryRun: boolean): Promise<void> {
    const { signal } = this.stop;
    let failures = 0;
    for (let done = 1; !signal.aborted; done += 1) {
      const startedAt = this.clock.now();
      const failure = await this.once();
      failures = failure === undefined ? 0 : failures + 1;
      if (signal.aborted) return;
      if (failure !== undefined) await this.afterFailure(failures, failure);
      if (options.singleCycle === true || done === options.cycles || (dryRun && options.cycles === undefined)) {
        if (failure !== undefined) throw failure;
        return;
      }
      const interval = this.config.current.updateIntervalMs;
      await this.scheduler.sleep(Math.max(0, startedAt + interval - this.clock.now()), signal);
    }
  }

  /** One cycle; its error, if it failed. */
  private async once(): Promise<Error | undefined> {
    try {
      await this.unlessHung(this.cycle.run(this.stop.signal));
      this.monitor.writeHealthStatus({ ok: true, running: true });
      this.monitor.checkConfigUpdates();
      return undefined;
    } catch (error) {
      this.logger.error('Cycle failed', { error });
      this.monitor.writeHealthStatus({ ok: false, error: messageOf(error), running: true });
      return error instanceof Error ? error : new Error(String(error));
    }
  }

  /** One failed cycle never ends the bot; half of the budget makes it careful, all of it ends it. */
  private async afterFailure(failures: number, cause: Error): Promise<void> {
    const budget = this.config.current.tasks.cycleErrorBudget;
    if (failures >= Math.ceil(budget / 2)) await this.beCareful();
    if (failures >= budget)
      throw fault('BOT-003', `Trading must not go on after ${failures} failed cycles in a row.`, {
        cause,
        fix: 'See the log for the cause, then start again.',
      });
  }

  /**
   * No order without a record. A full disk can be mended while the bot stands still and cancels; a journal whose write
   * failed otherwise, or that is not where it was opened, is in an unknown state, and the run ends.
   */
  private afterLostJournal(error: PerpsBotError): void {
    tighten(this.ladder, 'HALTED', 'journal_lost', this.logger);
    if (error.code === 'STORE-008') return;
    this.lost = error;
    this.requestStop('the journal is lost');
  }

  private async beCareful(): Promise<void> {
    try {
      await this.ladder.tighten('REDUCE_ONLY', 'cycle_errors');
    } catch (error) {
      // It is tight all the same; what the journal cannot take must not end the bot before its budget is spent.
      this.logger.error('Safety state is tight but not on disk', { state: this.ladder.state, error: messageOf(error) });
    }
  }

  /** A venue that never answers must not keep the bot from stopping. */
  private unlessHung(work: Promise<void>): Promise<void> {
    const limitMs = this.config.current.tasks.stopBudgetMs;
    return withDeadline(work, { scheduler: this.hostScheduler, limitMs, from: this.stop.signal });
  }
}
