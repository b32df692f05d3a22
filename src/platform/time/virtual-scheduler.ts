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
 * many loops are running. It waits for nothing but the host's work it was told of, and stops when nothing is scheduled.
 */
@injectable()
export class VirtualScheduler implements DrivenScheduler {
  /** World milliseconds for one of the host's. */
  protected readonly speed: number = Number.POSITIVE_INFINITY;
  private readonly queue = new TimerQueue();
  /** Ends the wait for the next timer, which is due at `turnAt`. */
  private turn: (() => void) | undefined;
  private turnAt = 0;
  private paused = false;
  private running = false;
  /** Work of the host that is not done. */
  private held = 0;

  constructor(@inject(DrivenClock) protected readonly clock: DrivenClock) {}

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
      else this.drive();
    };
  }

  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    return sleepWith((ms, callback) => this.after(ms, callback), delayMs, signal);
  }

  waitFor(work: Promise<unknown>): void {
    this.held += 1;
    this.rest();
    const done = (): void => {
      this.held -= 1;
      this.drive();
    };
    work.then(done, done);
  }

  hostMs(worldMs: number): number {
    return worldMs / this.speed;
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

  /** Calls `step` once the host lets the world come to `at`: here with the next turn of its loop. */
  protected turnTo(_at: number, step: () => void): () => void {
    const turn = setImmediate(step);
    return () => clearImmediate(turn);
  }

  private drive(): void {
    const { first } = this.queue;
    if (first === undefined || this.paused || this.running || this.held > 0) return;
    if (this.turn !== undefined) {
      if (this.turnAt === first.at) return;
      this.turn();
    }
    this.turnAt = first.at;
    this.turn = this.turnTo(first.at, this.step);
  }

  private rest(): void {
    this.turn?.();
    this.turn = undefined;
  }
}

const turnOfLoop = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
