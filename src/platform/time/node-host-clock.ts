import { injectable } from 'inversify';
import type { HostClock } from '../../ports/configuration/clock.js';

/** The host's two clocks: one that only moves forward, and the wall clock, which people and NTP may set. */
@injectable()
export class NodeHostClock implements HostClock {
  monotonic(): number {
    return performance.now();
  }

  wall(): number {
    return Date.now();
  }
}
