import type { Clock } from '#src/ports/configuration/clock.js';

/** A clock that a test sets. Starts at 2024-01-02T00:00:00Z. */
export class ManualClock implements Clock {
  constructor(public time = Date.UTC(2024, 0, 2)) {}

  now(): number {
    return this.time;
  }

  advance(ms: number): number {
    this.time += ms;
    return this.time;
  }
}
