import { MINUTE_MS } from '../domain/time-spans.js';
import type { Clock } from '../ports/configuration/clock.js';

export interface WeightLimit {
  /** Weight that the venue allows in a minute. */
  readonly perMinute: number;
  /** Fraction of it that only what cancels may use. */
  readonly reserved: number;
}

/**
 * What requests weigh in the venue's minute: our own count, or the venue's own word where that is more, because others
 * share the address. A pause that the venue asks for holds everything.
 */
export class WeightBudget {
  private minute = Number.NaN;
  private used = 0;
  private pausedUntil = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly limit: WeightLimit,
    private readonly clock: Pick<Clock, 'now'>,
  ) {}

  /** Not before this instant may so much be sent; `now` when it may at once. */
  freeAt(weight: number, cancels = false): number {
    const now = this.turn();
    const most = this.limit.perMinute * (cancels ? 1 : 1 - this.limit.reserved);
    // What alone is more than the limit is tried in a minute of its own.
    const isFree = this.used + weight <= most || this.used === 0;
    return Math.max(this.pausedUntil, isFree ? now : (this.minute + 1) * MINUTE_MS);
  }

  sent(weight: number): void {
    this.turn();
    this.used += weight;
  }

  /** The venue's own count of this minute; an answer that was long under way may tell of the one before. */
  heard(used: number): void {
    this.turn();
    this.used = Math.max(this.used, used);
  }

  pause(ms: number): void {
    this.pausedUntil = Math.max(this.pausedUntil, this.clock.now() + ms);
  }

  /** The venue has asked for it. */
  get isPaused(): boolean {
    return this.clock.now() < this.pausedUntil;
  }

  private turn(): number {
    const now = this.clock.now();
    const minute = Math.floor(now / MINUTE_MS);
    if (minute !== this.minute) {
      this.minute = minute;
      this.used = 0;
    }
    return now;
  }
}
