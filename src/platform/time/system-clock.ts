import { injectable } from 'inversify';
import { inject } from '../../injection/inject.js';
import { HostClock, type Clock } from '../../ports/configuration/clock.js';

/** World time of the live world: the host's wall clock, which may step. Durations belong to `HostClock.monotonic`. */
@injectable()
export class SystemClock implements Clock {
  constructor(@inject(HostClock) private readonly host: HostClock) {}

  now(): number {
    return this.host.wall();
  }
}
