import { MINUTE_MS } from '../../../../domain/time-spans.js';
import type { HandlerReport } from '../../../../ports/strategy/strategy-host.js';

/** Four counters for each doubling of a time, from a microsecond on: what is told is at most a fifth too long. */
const PER_DOUBLING = 4;
const COUNTERS = 128;
/** Of so many beyond the budget within a minute a person is told. */
const TOO_MANY = 10;

/** Told when a strategy has been slow again and again, with what took longest of all. */
export type SlowListener = (report: HandlerReport) => void;

/** How long the handlers of one strategy took, in host time. Allocates nothing per call. */
export class HandlerTimes {
  private readonly counters = new Float64Array(COUNTERS);
  private calls = 0;
  private over = 0;
  private worst = 0;
  private worstHandler = '';
  private worstAt = 0;
  /** Host instants of the newest that were beyond the budget, in a ring. */
  private readonly slow = new Float64Array(TOO_MANY).fill(Number.NEGATIVE_INFINITY);
  private toldAt = Number.NEGATIVE_INFINITY;

  constructor(private readonly onSlow: SlowListener) {}

  /** `hostMs` is the end on the host's clock, `at` the instant of the event. */
  took(handler: string, ms: number, at: number, budgetMs: number, hostMs: number): void {
    const step = Math.floor(PER_DOUBLING * Math.log2(Math.max(1, ms * 1_000)));
    const counter = Math.min(COUNTERS - 1, step);
    this.counters[counter] = (this.counters[counter] ?? 0) + 1;
    this.calls += 1;
    if (ms > this.worst) [this.worst, this.worstHandler, this.worstAt] = [ms, handler, at];
    if (ms > budgetMs) this.exceeded(hostMs);
  }

  report(): HandlerReport {
    const { calls, over, worst, worstHandler, worstAt } = this;
    return {
      calls,
      overBudget: over,
      p50Us: this.quantile(0.5),
      p99Us: this.quantile(0.99),
      worstUs: Math.round(worst * 1_000),
      worstHandler,
      worstAt,
    };
  }

  private exceeded(hostMs: number): void {
    const place = this.over % TOO_MANY;
    this.over += 1;
    this.slow[place] = hostMs;
    const oldest = this.slow[(place + 1) % TOO_MANY] ?? Number.NEGATIVE_INFINITY;
    if (hostMs - oldest > MINUTE_MS || hostMs - this.toldAt < MINUTE_MS) return;
    this.toldAt = hostMs;
    this.onSlow(this.report());
  }

  private quantile(share: number): number {
    let left = Math.ceil(this.calls * share);
    for (let counter = 0; counter < COUNTERS; counter += 1) {
      left -= this.counters[counter] ?? 0;
      if (left <= 0) return Math.round(2 ** ((counter + 1) / PER_DOUBLING));
    }
    return Math.round(this.worst * 1_000);
  }
}
