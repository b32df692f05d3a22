import { Decimal } from '../../../domain/decimal.js';
import { RATE_SCALE } from '../../../domain/instrument.js';
import { HOUR_MS } from '../../../domain/time-spans.js';
import type { FundingStamp } from '../../../ports/core-services/simulated-exchange.js';

/** So far two clocks may be apart at most, and what they tell on its way. */
const NEAR_MS = 10_000;

/**
 * When an instrument's funding falls due, and at which rate. Either the stamps of history, which end when they end, or
 * every `fundingIntervalHours` since the epoch at the rate the driver last named. No rate is a gap, never zero.
 */
export class FundingSchedule {
  /** Next instant at which funding is due: a plain field, because every bar asks. Before the first event: any time. */
  nextAt = Number.NEGATIVE_INFINITY;
  /** Current rate of the built-in schedule, an integer of RATE_SCALE; NaN while not known. */
  rate = Number.NaN;
  /** The last stamp that fell due: none is paid twice, whichever schedule names it. */
  takenAt = Number.NEGATIVE_INFINITY;
  private intervalMs: number;
  private stamps: readonly FundingStamp[] | undefined;
  private cursor = 0;

  constructor(intervalHours: number) {
    this.intervalMs = intervalHours * HOUR_MS;
  }

  get begun(): boolean {
    return this.nextAt !== Number.NEGATIVE_INFINITY;
  }

  /** Current rate, as a fraction of notional for one interval. */
  get currentRate(): Decimal | undefined {
    if (this.stamps !== undefined) return this.stamps[this.cursor]?.rate;
    return Number.isNaN(this.rate) ? undefined : new Decimal(this.rate).div(RATE_SCALE);
  }

  /** Another interval from `at` on; a stamp at `at` has been taken. History's own stamps stay. */
  every(intervalHours: number, at: number): void {
    this.intervalMs = intervalHours * HOUR_MS;
    if (this.stamps !== undefined || !this.begun) return;
    this.nextAt =
      this.intervalMs > 0 ? (Math.floor(at / this.intervalMs) + 1) * this.intervalMs : Number.POSITIVE_INFINITY;
  }

  /**
   * The venue names its next stamp, whatever the interval was. One that is about to fall due stays: where the venue's
   * clock is ahead of ours it has passed there, and is not paid here yet.
   */
  nextIs(at: number, now: number): void {
    if (this.stamps !== undefined || !this.begun || at <= now || at <= this.takenAt) return;
    if (at < this.nextAt || this.nextAt - now > NEAR_MS) this.nextAt = at;
  }

  /** History's own stamps. Those before `from` are past; `from` is absent before the market's first event. */
  use(stamps: readonly FundingStamp[], from: number | undefined): void {
    this.stamps = [...stamps].sort((a, b) => a.at - b.at);
    if (from !== undefined) this.begin(from);
  }

  /** The market opens at `at`: earlier stamps never concern it, a stamp at that instant does. */
  begin(at: number): void {
    if (this.stamps === undefined) {
      this.nextAt = this.intervalMs > 0 ? Math.ceil(at / this.intervalMs) * this.intervalMs : Number.POSITIVE_INFINITY;
      return;
    }
    this.cursor = this.stamps.findIndex(({ at: stampAt }) => stampAt >= at && stampAt > this.takenAt);
    if (this.cursor < 0) this.cursor = this.stamps.length;
    this.nextAt = this.stamps[this.cursor]?.at ?? Number.POSITIVE_INFINITY;
  }

  /** The stamp that is due; the schedule goes on to the next. */
  take(): FundingStamp {
    const stamp: FundingStamp = { at: this.nextAt, rate: this.currentRate };
    this.takenAt = this.nextAt;
    if (this.stamps === undefined) this.nextAt += this.intervalMs;
    else {
      while ((this.stamps[this.cursor]?.at ?? Number.POSITIVE_INFINITY) <= this.takenAt) this.cursor += 1;
      this.nextAt = this.stamps[this.cursor]?.at ?? Number.POSITIVE_INFINITY;
    }
    return stamp;
  }

  /** Continues where an earlier process stopped. */
  resume(nextAt: number, rate: number, takenAt: number): void {
    this.rate = rate;
    this.takenAt = takenAt;
    if (this.stamps === undefined) this.nextAt = nextAt;
    else this.begin(nextAt);
  }
}
