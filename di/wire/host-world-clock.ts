import type { Clock, HostClock } from '../../src/ports/configuration/clock.js';

/** World time that is the wall clock's, in whole milliseconds, and never goes back: whoever is served compares it. */
export class HostWorldClock implements Clock {
  private last = 0;

  constructor(private readonly host: HostClock) {}

  now(): number {
    return (this.last = Math.max(this.last, Math.floor(this.host.wall())));
  }

  /** Nobody moves the host's time. */
  set(): void {
    // A driver that begins says where its world begins: it is now.
  }
}
