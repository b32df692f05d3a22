import { VenueClock } from '#src/platform/time/venue-clock.js';
import type { HostClock } from '#src/ports/configuration/clock.js';
import { ManualClock } from '#src/testing/manual-clock.js';

/** A machine beside a venue: its monotonic clock runs with the venue's, its wall clock is so far ahead of it. */
export class SkewedHost implements HostClock {
  private readonly begun: number;
  /** Its monotonic clock stands still while it sleeps. */
  sleptMs = 0;

  constructor(
    readonly venue: ManualClock,
    public aheadMs: number,
  ) {
    this.begun = venue.now();
  }

  monotonic(): number {
    return this.venue.now() - this.begun - this.sleptMs;
  }

  wall(): number {
    return this.venue.now() + this.aheadMs;
  }
}

/** The bot's clock on such a machine, once the venue has told its time in an answer that took so long. */
export function measured(aheadMs: number, tookMs = 0) {
  const venue = new ManualClock();
  const host = new SkewedHost(venue, aheadMs);
  const clock = new VenueClock(host);
  const askedAt = host.monotonic();
  const at = venue.advance(tookMs / 2);
  venue.advance(tookMs / 2);
  clock.adjust([{ at, askedAt, answeredAt: host.monotonic() }]);
  return { venue, host, clock };
}
