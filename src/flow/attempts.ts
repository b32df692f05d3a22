import { backoffMs } from './backoff.js';
import type { RequestBudget, RequestKind } from '../ports/core-services/request-budget.js';
import type { Clock } from '../ports/configuration/clock.js';
import type { Scheduler } from '../ports/configuration/scheduler.js';

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;
/** What has stood for so long was taken: its end is the first again. */
const HELD_MS = 10_000;

export interface AttemptsTime {
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  /** One rate for whatever is sent again; absent: none. */
  readonly budget?: RequestBudget;
}

/**
 * One thing that is sent until it stands, however it ended: the first `free` times at once, then after pauses that
 * grow. A pause lies between two sendings: what has stood for as long as its pause is missed at once.
 */
export class Attempts {
  private endings = 0;
  /** What is sent next is sent again. */
  private isAgain = false;
  private sentAt = Number.NEGATIVE_INFINITY;
  private heldSince: number | undefined;
  private timer: { readonly at: number; readonly cancel: () => void } | undefined;

  /** Not before this instant. */
  until = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly time: AttemptsTime,
    private readonly free = 0,
    private readonly longestMs = LONGEST_PAUSE_MS,
    private readonly kind: RequestKind = 'protection',
  ) {}

  /** It leaves now. */
  sent(): void {
    this.sentAt = this.time.clock.now();
  }

  /** It leaves now, and has at least this long to be answered: what leaves in its place after that is sent again. */
  left(answerMs: number): void {
    this.sent();
    this.isAgain = true;
    this.defer(answerMs);
  }

  /** Not before so long from now. */
  defer(ms: number): void {
    this.until = Math.max(this.until, this.time.clock.now() + ms);
  }

  /** What was asked for stands. */
  held(): void {
    this.heldSince ??= this.time.clock.now();
  }

  /** It has ended, or was refused, or nobody answered. Returns how often in a row. */
  ended(): number {
    const { budget, clock } = this.time;
    const heldMs = this.heldSince === undefined ? 0 : clock.now() - this.heldSince;
    this.heldSince = undefined;
    if (heldMs >= HELD_MS) this.endings = 0;
    this.isAgain = true;
    // The venue has said itself how long it is to be left alone: that is waited for, and is no ending of the row.
    if (budget?.heldUntil(clock.now(), this.kind) !== undefined) {
      this.until = this.sentAt + Math.max(FIRST_PAUSE_MS, this.pauseOf(this.endings));
      return this.endings;
    }
    // What stood for longer than it would have to be waited for has cost nobody anything: the row grows no further.
    if (this.endings === 0 || heldMs < this.pauseOf(this.endings + 1)) this.endings += 1;
    this.until = this.sentAt + this.pauseOf(this.endings);
    return this.endings;
  }

  /** Not before this instant may it be sent: after its own pause, the venue's and, sent again, as the rate allows. */
  nextAt(): number {
    const { budget, clock } = this.time;
    if (budget === undefined) return this.until;
    const now = clock.now();
    const from = this.isAgain ? budget.freeAt(this.kind, now) : budget.heldUntil(now, this.kind);
    return Math.max(this.until, from ?? this.until);
  }

  /** Sends it when its pause is over and the rate allows: others may have used that up meanwhile. */
  again(work: () => void): void {
    this.at(Math.max(this.nextAt(), this.time.clock.now()), () => {
      if (this.nextAt() > this.time.clock.now()) this.again(work);
      else work();
    });
  }

  /** Does it at this instant. One timer: the earliest that was asked for. */
  at(at: number, work: () => void): void {
    if (this.timer !== undefined && this.timer.at <= at) return;
    this.timer?.cancel();
    const wait = Math.max(0, at - this.time.clock.now());
    const cancel = this.time.scheduler.after(wait, () => {
      this.timer = undefined;
      work();
    });
    this.timer = { at, cancel };
  }

  /** No timer is left. */
  rest(): void {
    this.timer?.cancel();
    this.timer = undefined;
  }

  /** Whatever was in the way is gone: no pause, as far as the rate allows. */
  calm(): void {
    this.endings = 0;
    this.until = Number.NEGATIVE_INFINITY;
  }

  /** What comes next is the last chance: neither pause nor rate. */
  reset(): void {
    this.calm();
    this.isAgain = false;
  }

  private pauseOf(endings: number): number {
    return endings <= this.free ? 0 : backoffMs(endings - this.free, FIRST_PAUSE_MS, this.longestMs);
  }
}
