import { injectable } from 'inversify';
import { fault } from '../../domain/errors.js';
import { inject } from '../../injection/inject.js';
import { DrivenClock } from '../../ports/configuration/clock.js';
import type { DrivenScheduler } from '../../ports/configuration/scheduler.js';
import { checkedDelay, checkedInstant } from '../duration.js';
import { sleepWith } from './sleep.js';
import { TimerQueue } from './timer-queue.js';

/**
 * Virtual time. As long as something is scheduled it fires one timer per turn of the host's event loop, setting the
 * clock first: every promise that a timer resolved has been followed to its end before the next timer fires, however
 * many loops are running. It never waits, and it stops when nothing is scheduled.
 */
@injectable()
export class VirtualScheduler implements DrivenScheduler {
  private readonly queue = new TimerQueue();
  private turn: NodeJS.Immediate | undefined;
  private paused = false;
  private running = false;

  constructor(@inject(DrivenClock) private readonly clock: DrivenClock) {}

  get pending(): number {
    return this.queue.size;
  }

  get nextAt(): number | undefined {
    return this.queue.first?.at;
  }

  after(delayMs: number, callback: () => void): () => void {
    // Whole milliseconds, up: a timer is never early.
    const timer = this.queue.add(checkedInstant(Math.ceil(this.clock.now() + checkedDelay(delayMs))), callback);
    this.drive();
    return () => {
      this.queue.remove(timer);
      if (this.queue.size === 0) this.rest();
    };
  }

  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    return sleepWith((ms, callback) => this.after(ms, callback), delayMs, signal);
  }

  pause(): void {
    this.paused = true;
    this.rest();
  }

  resume(): void {
    this.paused = false;
    this.drive();
  }

  advanceTo(at: number): void {
    for (let first = this.queue.first; first !== undefined && first.at <= at; first = this.queue.first)
      this.fireFirst();
    this.clock.set(at);
  }

  async runUntil(at: number): Promise<void> {
    checkedInstant(at);
    if (this.running) throw fault('TIME-001', 'A run of virtual time must end before the next one starts.');
    this.running = true;
    this.rest();
    try {
      await turnOfLoop();
      for (let next = this.nextAt; next !== undefined && next <= at; next = this.nextAt) {
        this.fireFirst();
        await turnOfLoop();
      }
      if (at > this.clock.now()) this.clock.set(at);
    } finally {
      this.running = false;
      this.drive();
    }
  }

  private readonly step = (): void => {
    this.turn = undefined;
    try {
      this.fireFirst();
    } finally {
      this.drive();
    }
  };

  private fireFirst(): void {
    const timer = this.queue.first;
    if (timer === undefined) return;
    this.queue.remove(timer);
    // The world's driver may have moved the clock past a timer; it then fires late, never in the past.
    if (timer.at > this.clock.now()) this.clock.set(timer.at);
    timer.callback();
  }

  private drive(): void {
    if (this.turn !== undefined || this.paused || this.running || this.queue.size === 0) return;
    this.turn = setImmediate(this.step);
  }

  private rest(): void {
    if (this.turn !== undefined) clearImmediate(this.turn);
    this.turn = undefined;
  }
}

const turnOfLoop = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
