import { fault } from '../domain/errors.js';
import type { Clock } from '../ports/configuration/clock.js';

/** A clock that stands still until a test moves it. Begins at 2024-01-02T00:00:00Z. */
export class ManualClock implements Clock {
  private time: number;

  constructor(at: number = Date.UTC(2024, 0, 2)) {
    this.time = instant(at);
  }

  now(): number {
    return this.time;
  }

  /** Moves the time alone; timers fire by `ManualScheduler.advance`. Returns the new instant. */
  advance(ms: number): number {
    if (!(ms >= 0 && Number.isFinite(ms)))
      throw fault('TIME-001', `A clock must be advanced by zero or more milliseconds, was ${ms}.`);
    this.time += ms;
    return this.time;
  }

  /** Backwards too, as the clock of a machine may go. */
  set(at: number): void {
    this.time = instant(at);
  }
}

function instant(at: number): number {
  if (!Number.isFinite(at)) throw fault('TIME-001', `A clock must be set to epoch milliseconds, was ${at}.`);
  return at;
}
