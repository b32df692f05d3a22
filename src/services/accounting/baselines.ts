import { units, type Units } from '../../domain/units.js';
import { DAY_MS } from '../../domain/time-spans.js';

/**
 * What loss and drawdown are measured from: equity at the start of the UTC day and the highest equity seen. Money put
 * in or taken out moves both, because it is neither profit nor loss.
 */
export class Baselines {
  peak: Units = units(0);
  dayStart: Units | undefined = undefined;
  private nextDay = Number.NEGATIVE_INFINITY;

  /** Starts a new day when `at` is past the old one. An event that arrives late never turns the day back. */
  roll(at: number, equity: Units): void {
    if (!(at >= this.nextDay)) return;
    this.nextDay = (Math.floor(at / DAY_MS) + 1) * DAY_MS;
    this.dayStart = equity;
  }

  observe(now: number, equity: Units): void {
    if (now >= this.nextDay) this.roll(now, equity);
    if (equity > this.peak) this.peak = equity;
  }

  /** A day older than the one that has begun says nothing about it. */
  resume(day: number, dayStart: Units, peak: Units): void {
    this.peak = peak;
    const nextDay = (day + 1) * DAY_MS;
    if (!(nextDay >= this.nextDay)) return;
    this.nextDay = nextDay;
    this.dayStart = dayStart;
  }

  shift(amount: Units): void {
    this.peak = units(this.peak + amount);
    if (this.dayStart !== undefined) this.dayStart = units(this.dayStart + amount);
  }
}
