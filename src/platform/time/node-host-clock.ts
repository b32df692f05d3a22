import { injectable } from 'inversify';
import type { HostClock } from '../../ports/configuration/clock.js';
import { hostTime } from './host-time.js';

/** The host's clocks as a service: what starts before the container has them without it. */
@injectable()
export class NodeHostClock implements HostClock {
  monotonic(): number {
    return hostTime.monotonic();
  }

  wall(): number {
    return hostTime.wall();
  }
}
