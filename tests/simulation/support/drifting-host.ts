import type { HostClock } from '#src/ports/configuration/clock.js';

/**
 * The clocks of a machine beside a venue: both run too fast or too slow, the wall clock is off and is set now and then,
 * and the monotonic one stands still while the machine sleeps.
 */
export class DriftingHost implements HostClock {
  /** The venue's first instant: a world begins at zero and is then set to its time. */
  private begun = 0;
  private sleptMs = 0;
  private asleepSince: number | undefined;
  /** The venue's instant of the last step of the wall clock against the monotonic one. */
  steppedAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly venueNow: () => number,
    private readonly ppm: number,
    public aheadMs: number,
  ) {}

  monotonic(): number {
    if (this.begun === 0) this.begun = this.venueNow();
    const now = this.asleepSince ?? this.venueNow();
    return (now - this.begun - this.sleptMs) * (1 + this.ppm / 1e6);
  }

  wall(): number {
    const monotonic = this.monotonic();
    return Math.round(this.begun + monotonic + this.sleptMs + this.aheadMs);
  }

  /** Somebody sets the clock. */
  step(ms: number): void {
    this.aheadMs += ms;
    this.steppedAt = this.venueNow();
  }

  get isAsleep(): boolean {
    return this.asleepSince !== undefined;
  }

  sleep(): void {
    this.asleepSince ??= this.venueNow();
  }

  /** How long it has slept: its wall clock has gone on by so much against the monotonic one. */
  wake(): number {
    if (this.asleepSince === undefined) return 0;
    const slept = this.venueNow() - this.asleepSince;
    this.sleptMs += slept;
    this.asleepSince = undefined;
    this.steppedAt = this.venueNow();
    return slept;
  }
}
