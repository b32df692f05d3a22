import type { Scheduler } from '../ports/configuration/scheduler.js';
import type { BackgroundTask } from '../ports/market-services/lifecycle.js';

/**
 * Does one thing again and again until it is told to end. The interval is asked before every wait, so that a change of
 * configuration holds from the next one on. A failing round is handed to `failed`; the next one comes all the same.
 */
export class RepeatedTask implements BackgroundTask {
  readonly enabled = true;

  constructor(
    readonly name: string,
    private readonly intervalMs: () => number,
    private readonly round: (signal: AbortSignal) => Promise<void>,
    private readonly scheduler: Scheduler,
    private readonly failed: (error: unknown) => void,
  ) {}

  /** The first round at once. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.once(signal);
      await this.wait(signal);
    }
  }

  /** The first round after the first interval. */
  async runAfterWait(signal: AbortSignal): Promise<void> {
    await this.wait(signal);
    await this.run(signal);
  }

  private async once(signal: AbortSignal): Promise<void> {
    try {
      await this.round(signal);
    } catch (error) {
      this.failed(error);
    }
  }

  private wait(signal: AbortSignal): Promise<void> {
    return this.scheduler.sleep(this.intervalMs(), signal);
  }
}
