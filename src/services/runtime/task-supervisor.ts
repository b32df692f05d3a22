import { fault, messageOf } from '../../domain/errors.js';
import type { Clock } from '../../ports/configuration/clock.js';
import type { BackgroundTask } from '../../ports/market-services/lifecycle.js';
import type { Logger } from '../../ports/configuration/logger.js';
import type { Scheduler } from '../../ports/configuration/scheduler.js';
import { backoffMs } from '../../flow/backoff.js';
import { withDeadline } from '../../flow/deadline.js';

const RESTART_MIN_MS = 1_000;
const RESTART_MAX_MS = 60_000;

export interface SupervisorPorts {
  readonly scheduler: Scheduler;
  /** For the time that ending may take. */
  readonly hostScheduler: Scheduler;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly onDeath: (task: string, error: unknown) => void;
}

/** Keeps the continuous tasks alive: one that dies is reported and restarted with backoff; all end with the signal. */
export class TaskSupervisor {
  private readonly alive = new Map<string, Promise<void>>();
  private abort = new AbortController();

  constructor(private readonly ports: SupervisorPorts) {}

  get names(): string[] {
    return [...this.alive.keys()];
  }

  /** Throws DI-012 for two enabled tasks of one name: one of them would never run. */
  spawn(tasks: readonly BackgroundTask[]): void {
    assertNamesOfTheirOwn(tasks.filter(({ enabled }) => enabled));
    if (this.abort.signal.aborted) this.abort = new AbortController();
    for (const task of tasks) {
      if (!task.enabled || this.alive.has(task.name)) continue;
      const life = this.supervise(task, this.abort.signal).finally(() => {
        if (this.alive.get(task.name) === life) this.alive.delete(task.name);
      });
      this.alive.set(task.name, life);
    }
  }

  /**
   * Ends every task and waits for all of them, but no longer than the budget: one that hangs is named and left.
   * Idempotent.
   */
  async cancelAll(budgetMs: number): Promise<void> {
    this.abort.abort();
    if (this.alive.size === 0) return;
    try {
      await withDeadline(Promise.all(this.alive.values()), { scheduler: this.ports.hostScheduler, limitMs: budgetMs });
    } catch (error) {
      this.ports.logger.error('Background tasks did not end', { tasks: this.names, error: messageOf(error) });
    }
    this.alive.clear();
  }

  /** Never rejects. */
  private async supervise(task: BackgroundTask, signal: AbortSignal): Promise<void> {
    const { clock, logger, scheduler } = this.ports;
    let ends = 0;
    while (!signal.aborted) {
      const startedAt = clock.now();
      const death = await endOf(task, signal);
      if (signal.aborted) {
        if (death !== undefined)
          logger.warn('Background task ended with an error', { task: task.name, error: messageOf(death.error) });
        return;
      }
      // Earlier ends say nothing about a task that has lived since.
      ends = clock.now() - startedAt >= RESTART_MAX_MS ? 1 : ends + 1;
      const delay = backoffMs(ends, RESTART_MIN_MS, RESTART_MAX_MS);
      if (death === undefined) logger.warn('Background task ended by itself; restarting', { task: task.name });
      else {
        logger.error('Background task died; restarting', { task: task.name, error: messageOf(death.error), delay });
        this.report(task.name, death.error);
      }
      await scheduler.sleep(delay, signal);
    }
  }

  private report(task: string, error: unknown): void {
    try {
      this.ports.onDeath(task, error);
    } catch (failure) {
      this.ports.logger.error('The death of a background task was not recorded', { task, error: messageOf(failure) });
    }
  }
}

/** What the task died of; undefined when it ended by itself. */
async function endOf(task: BackgroundTask, signal: AbortSignal): Promise<{ readonly error: unknown } | undefined> {
  try {
    await task.run(signal);
    return undefined;
  } catch (error) {
    return { error };
  }
}

function assertNamesOfTheirOwn(tasks: readonly BackgroundTask[]): void {
  const names = new Map<string, BackgroundTask>();
  for (const task of tasks) {
    if ((names.get(task.name) ?? task) !== task) {
      throw fault('DI-012', `Background tasks must have names of their own, ${task.name} is used twice.`, {
        why: 'Only one of them would run.',
        fix: 'Rename the one that was added, or rebind the token of the one that it replaces.',
      });
    }
    names.set(task.name, task);
  }
}
