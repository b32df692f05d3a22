import { ExactVenueTime } from '../../src/platform/time/exact-venue-time.js';
import { HostTimers } from '../../src/platform/time/host-timers.js';
import { ScaledClock } from '../../src/platform/time/scaled-clock.js';
import { ScaledScheduler } from '../../src/platform/time/scaled-scheduler.js';
import { VirtualClock } from '../../src/platform/time/virtual-clock.js';
import { VirtualScheduler } from '../../src/platform/time/virtual-scheduler.js';
import { Clock, DrivenClock } from '../../src/ports/configuration/clock.js';
import { DrivenScheduler, HostScheduler, Scheduler } from '../../src/ports/configuration/scheduler.js';
import { VenueTime } from '../../src/ports/configuration/venue-time.js';
import type { Binder } from '../phase.js';

/** World time that follows the host's, faster or slower. */
export function bindScaledTime({ bind }: Binder): void {
  bind(HostScheduler).to(HostTimers).inSingletonScope();
  bind(DrivenClock).to(ScaledClock).inSingletonScope();
  bind(Clock).toService(DrivenClock);
  bind(VenueTime).to(ExactVenueTime).inSingletonScope();
  bind(Scheduler).to(ScaledScheduler).inSingletonScope();
}

/** World time that moves from timer to timer as fast as the work between them is done. */
export function bindVirtualTime({ bind }: Binder): void {
  bind(HostScheduler).to(HostTimers).inSingletonScope();
  bind(DrivenClock).to(VirtualClock).inSingletonScope();
  bind(Clock).toService(DrivenClock);
  bind(VenueTime).to(ExactVenueTime).inSingletonScope();
  bind(DrivenScheduler).to(VirtualScheduler).inSingletonScope();
  bind(Scheduler).toService(DrivenScheduler);
}
