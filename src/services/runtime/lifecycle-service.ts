import { injectable } from 'inversify';
import { fault, messageOf } from '../../domain/errors.js';
import { inject, injectAll } from '../../injection/inject.js';
import { Clock } from '../../ports/clock.js';
import { EventStore } from '../../ports/event-store.js';
import { BackgroundTask, LifecycleService, PartsSupervisor, type RunOptions } from '../../ports/lifecycle.js';
import { Logger } from '../../ports/logger.js';
import { RuntimeCoordinator } from '../../ports/runtime-coordinator.js';
import { SafetyLadder } from '../../ports/safety-ladder.js';
import { Scheduler } from '../../ports/scheduler.js';
import { ConfigController } from '../../ports/settings.js';
import { SystemMonitor } from '../../ports/system-monitor.js';
import { TradingCycle } from '../../ports/trading-cycle.js';
import { TaskSupervisor } from './task-supervisor.js';

/** The seed's `run()`: reconcile, spawn tasks, then cycle, health, configuration check, until stopped. */
@injectable()
export class BotLifecycle implements LifecycleService {
  private stop = new AbortController();
  private isRunning = false;
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
    @inject(Clock) private readonly clock: Clock,
    @inject(Logger) private readonly logger: Logger,
  ) {
    this.supervisor = new TaskSupervisor(scheduler, logger, (task, error) => {
      this.events.append('error', { message: 'background_task_died', task, error: messageOf(error) });
    });
  }

  get running(): boolean {
    return this.isRunning;
  }

  get tasks(): readonly string[] {
    return this.supervisor.names;
  }

  requestStop(reason: string): void {
    if (!this.stop.signal.aborted) this.logger.info('Stopping', { reason });
    this.stop.abort();
  }

  async run(options: RunOptions = {}): Promise<void> {
    if (this.isRunning) throw fault('BOT-003', 'run() must not be called while the bot runs.');
    this.isRunning = true;
    this.stop = new AbortController();
    const { dryRun, profile } = this.config.current;
    this.logger.info('Starting', { profile, dryRun });
    let failure: unknown;
    try {
      if (!dryRun) {
        await this.runtime.reconcileStateOnStartup();
        if (options.singleCycle !== true) this.supervisor.spawn(this.background);
      }
      await this.loop(options, dryRun);
    } catch (error) {
      failure = error;
      this.monitor.writeHealthStatus({ ok: false, error: messageOf(error), running: false });
      throw error;
    } finally {
      this.isRunning = false;
      await this.supervisor.cancelAll();
      if (failure === undefined) this.monitor.writeHealthStatus({ ok: true, message: 'stopped', running: false });
      await this.parts.stop();
    }
  }

  /** The first cycle always runs. A dry run ends after it, unless told how many to run. */
  private async loop(options: RunOptions, dryRun: boolean): Promise<void> {
    let failures = 0;
    for (let done = 0; ; ) {
      const startedAt = this.clock.now();
      failures = (await this.once()) ? 0 : failures + 1;
      if (failures > 0) await this.afterFailure(failures);
      done += 1;
      if (options.singleCycle === true || done === options.cycles || (dryRun && options.cycles === undefined)) return;
      const interval = this.config.current.updateIntervalMs;
      await this.scheduler.sleep(Math.max(0, startedAt + interval - this.clock.now()), this.stop.signal);
      if (this.stop.signal.aborted) return;
    }
  }

  private async once(): Promise<boolean> {
    try {
      await this.cycle.run(this.stop.signal);
      this.monitor.writeHealthStatus({ ok: true, running: true });
      this.monitor.checkConfigUpdates();
      return true;
    } catch (error) {
      this.logger.error('Cycle failed', { error });
      this.monitor.writeHealthStatus({ ok: false, error: messageOf(error), running: true });
      return false;
    }
  }

  /** One failed cycle never ends the bot; half of the budget makes it careful, all of it ends it. */
  private async afterFailure(failures: number): Promise<void> {
    const budget = this.config.current.tasks.cycleErrorBudget;
    if (failures >= Math.ceil(budget / 2)) await this.ladder.tighten('REDUCE_ONLY', 'cycle_errors');
    if (failures >= budget) throw fault('BOT-003', `Trading must not go on after ${failures} failed cycles in a row.`, { fix: 'See the log for the cause, then start again.' });
  }
}
