import type { Clock } from '../ports/configuration/clock.js';
import type { PendingWork } from '../ports/runtime-state/runtime-state.js';
import type { Scheduler } from '../ports/configuration/scheduler.js';
import { backoffMs } from './backoff.js';

const FIRST_DELAY_MS = 1_000;
const LONGEST_DELAY_MS = 15_000;
/** A position that may be bare cannot wait longer for the venue's return. */
const LONGEST_AT_STAKE_MS = 1_500;

/**
 * Repeats a task, with delays that double up to a bound, until it answers true. At most one timer; the task itself
 * counts as pending work, the waiting does not.
 */
export class Retry {
  private cancelTimer: (() => void) | undefined;
  /** Since the last success, or since things were last calm. */
  private failures = 0;
  private doneAt = Number.NEGATIVE_INFINITY;
  private running = false;
  private asked = false;
  private stopped = false;

  constructor(
    private readonly scheduler: Scheduler,
    private readonly pending: PendingWork,
    /** Never rejects. */
    private readonly task: () => Promise<boolean>,
    /** With a clock, a success is forgotten as an attempt only once it has held for the longest delay. */
    private readonly clock?: Clock,
    /** A position may be bare for as long as this waits: its delays grow less. */
    private readonly isAtStake?: () => boolean,
    /** Milliseconds until a shared rate allows one more attempt. */
    private readonly rateMs: () => number = () => 0,
  ) {}

  /** Nothing was done for the longest delay, or never: what is asked for now may be done at once. */
  get isCalm(): boolean {
    if (this.running || this.cancelTimer !== undefined) return false;
    return this.clock === undefined || !(Math.abs(this.clock.now() - this.doneAt) < LONGEST_DELAY_MS);
  }

  /** Makes sure the task runs again soon. */
  request(): void {
    this.asked = true;
    if (this.clock !== undefined && this.isCalm && this.doneAt !== Number.NEGATIVE_INFINITY) this.failures = 0;
    if (this.stopped || this.running || this.cancelTimer !== undefined) return;
    const longestMs = this.isAtStake?.() === true ? LONGEST_AT_STAKE_MS : LONGEST_DELAY_MS;
    this.runAfter(backoffMs(this.failures + 1, FIRST_DELAY_MS, longestMs));
  }

  /** No timer is left afterwards; later requests do nothing until `resume`. */
  stop(): void {
    this.stopped = true;
    this.cancelTimer?.();
    this.cancelTimer = undefined;
  }

  resume(): void {
    this.stopped = false;
  }

  /**
   * Others may have used the rate up meanwhile: then it waits on. A long delay goes by in parts, after each of which it
   * is looked whether something has come to be at stake: it ends then.
   */
  private runAfter(delayMs: number): void {
    const isLong = this.isAtStake !== undefined && delayMs > LONGEST_AT_STAKE_MS;
    const part = isLong ? LONGEST_AT_STAKE_MS : delayMs;
    this.cancelTimer = this.scheduler.after(Math.max(part, this.rateMs()), () => {
      this.cancelTimer = undefined;
      const wait = Math.max(this.rateMs(), this.isAtStake?.() === true ? 0 : delayMs - part);
      if (wait > 0) this.runAfter(wait);
      else this.pending.track(this.run());
    });
  }

  private async run(): Promise<void> {
    this.running = true;
    this.asked = false;
    const done = await this.task();
    this.running = false;
    this.failures = done && this.clock === undefined ? 0 : this.failures + 1;
    this.doneAt = done && this.clock !== undefined ? this.clock.now() : Number.NEGATIVE_INFINITY;
    if (!done || this.asked) this.request();
  }
}
