import { backoffMs } from '../../../flow/backoff.js';

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;
/** What has stood for so long was taken: its end is the first again. */
const HELD_MS = 10_000;

/**
 * Pauses after endings, whatever their name: none after the first `free` of them, then ever longer, until something has
 * held.
 */
export class Pauses {
  private endings = 0;
  private heldSince: number | undefined;
  /** Not before this instant. */
  until = Number.NEGATIVE_INFINITY;

  constructor(private readonly free = 1) {}

  /** Something was sent; it has this long to be answered. */
  sent(now: number, answerMs: number): void {
    this.until = Math.max(this.until, now + answerMs);
  }

  /** What was asked for stands. */
  held(now: number): void {
    this.heldSince ??= now;
  }

  /** It has ended, or was refused, or nobody answered. Returns how often in a row. */
  ended(now: number): number {
    if (this.heldSince !== undefined && now - this.heldSince >= HELD_MS) this.endings = 0;
    this.heldSince = undefined;
    this.endings += 1;
    this.until =
      this.endings <= this.free ? now : now + backoffMs(this.endings - this.free, FIRST_PAUSE_MS, LONGEST_PAUSE_MS);
    return this.endings;
  }

  /** Whatever was in the way is gone. */
  reset(): void {
    this.endings = 0;
    this.until = Number.NEGATIVE_INFINITY;
  }
}
