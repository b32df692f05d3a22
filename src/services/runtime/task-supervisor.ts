import { messageOf } from '../../domain/errors.js';
import type { BackgroundTask } from '../../ports/lifecycle.js';
import type { Logger } from '../../ports/logger.js';
import type { Scheduler } from '../../ports/scheduler.js';

const RESTART_MIN_MS = 1_000;
const RESTART_MAX_MS = 60_000;

/** Keeps the continuous tasks alive: one that dies is reported and restarted with backoff; all end with the signal. */
export class TaskSupervisor {
  private readonly alive = new Map<string, Promise<void>>();
  private abort = new AbortController();

  constructor(
    private readonly scheduler: Scheduler,
    private readonly logger: Logger,
    private readonly onDeath: (task: string, error: unknown) => void,
  ) {}

  get names(): string[] {
    return [...this.alive.keys()];
  }

  spawn(tasks: readonly BackgroundTask[]): void {
    this.abort = new AbortController();
    for (const task of tasks) {
      if (task.enabled && !this.alive.has(task.name)) this.alive.set(task.name, this.supervise(task, this.abort.signal));
    }
  }

  /** Ends every task and waits for all of them; idempotent. */
  async cancelAll(): Promise<void> {
    this.abort.abort();
    await Promise.allSettled(this.alive.values());
    this.alive.clear();
  }

  private async supervise(task: BackgroundTask, signal: AbortSignal): Promise<void> {
    let delay = RESTART_MIN_MS;
    while (!signal.aborted) {
      try {
        await task.run(signal);
        if (signal.aborted) return;
        this.logger.warn('Background task ended by itself; restarting', { task: task.name });
      } catch (error) {
        this.onDeath(task.name, error);
        this.logger.error('Background task died; restarting', { task: task.name, error: messageOf(error), delay });
      }
      await this.scheduler.sleep(delay, signal);
      delay = Math.min(RESTART_MAX_MS, delay * 2);
    }
  }
}
