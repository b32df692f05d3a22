import { fault } from '../domain/errors.js';
import type { Scheduler } from '../ports/configuration/scheduler.js';
import { ManualClock } from './manual-clock.js';
import { settled } from './settled.js';

interface Timer {
  readonly due: number;
  readonly order: number;
  readonly fire: () => void;
}

/** Timers that fire only when a test advances the time, in order of their due time, then of their making. */
export class ManualScheduler implements Scheduler {
  private readonly timers = new Set<Timer>();
  private made = 0;
  /** Every delay asked for, in order. */
  readonly delays: number[] = [];

  constructor(readonly clock: ManualClock = new ManualClock()) {}

  get pending(): number {
    return this.timers.size;
  }

  after(delayMs: number, callback: () => void): () => void {
    if (!(delayMs >= 0 && delayMs < 2 ** 31))
      throw fault('TIME-001', `Delay must be between 0 and 2^31 ms, was ${delayMs}.`);
    this.delays.push(delayMs);
    const timer: Timer = { due: this.clock.now() + delayMs, order: (this.made += 1), fire: callback };
    this.timers.add(timer);
    return () => this.timers.delete(timer);
  }

  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted === true) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = (): void => {
        cancel();
        signal?.removeEventListener('abort', wake);
        resolve();
      };
      const cancel = this.after(delayMs, wake);
      signal?.addEventListener('abort', wake, { once: true });
    });
  }

  /** Moves the clock and fires what became due, letting promises settle after each timer. */
  async advance(ms: number): Promise<void> {
    if (!(ms >= 0 && Number.isFinite(ms)))
      throw fault('TIME-001', `Time must be advanced by zero or more milliseconds, was ${ms}.`);
    const end = this.clock.now() + ms;
    for (let timer = this.next(end); timer !== undefined; timer = this.next(end)) {
      this.clock.set(Math.max(this.clock.now(), timer.due));
      this.timers.delete(timer);
      timer.fire();
      await settled();
    }
    this.clock.set(end);
    await settled();
  }

  private next(until: number): Timer | undefined {
    const due = [...this.timers].filter((timer) => timer.due <= until);
    return due.sort((a, b) => a.due - b.due || a.order - b.order)[0];
  }
}
