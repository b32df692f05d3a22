import { injectable } from 'inversify';
import { inject } from '../../injection/inject.js';
import { HostClock } from '../../ports/configuration/clock.js';
import type { Scheduler } from '../../ports/configuration/scheduler.js';
import { checkedDelay } from '../duration.js';
import { sleepWith } from './sleep.js';

/** The longest delay `setTimeout` takes; it fires at once for a longer one. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

/** Timers of the host, measured on its monotonic clock: never early, and as long as asked. */
@injectable()
export class HostTimers implements Scheduler {
  private count = 0;

  constructor(@inject(HostClock) private readonly clock: HostClock) {}

  get pending(): number {
    return this.count;
  }

  after(delayMs: number, callback: () => void): () => void {
    const dueAt = this.clock.monotonic() + checkedDelay(delayMs);
    let handle: NodeJS.Timeout | undefined;
    // Re-armed when the delay is longer than one timeout, or when the host fired a fraction early.
    const arm = (): void => {
      const rest = dueAt - this.clock.monotonic();
      if (handle === undefined || rest > 0) {
        handle = setTimeout(arm, Math.min(Math.max(0, Math.ceil(rest)), LONGEST_TIMEOUT_MS));
        return;
      }
      handle = undefined;
      this.count -= 1;
      callback();
    };
    this.count += 1;
    arm();
    return () => {
      if (handle === undefined) return;
      clearTimeout(handle);
      handle = undefined;
      this.count -= 1;
    };
  }

  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    return sleepWith((ms, callback) => this.after(ms, callback), delayMs, signal);
  }
}
