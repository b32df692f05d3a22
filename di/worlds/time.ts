import { ExactVenueTime } from '../../src/platform/time/exact-venue-time.js';
import { HostTimers } from '../../src/platform/time/host-timers.js';
import { PacedClock } from '../../src/platform/time/paced-clock.js';
import { PacedScheduler } from '../../src/platform/time/paced-scheduler.js';
import { VenueClock } from '../../src/platform/time/venue-clock.js';
import { VirtualClock } from '../../src/platform/time/virtual-clock.js';
import { VirtualScheduler } from '../../src/platform/time/virtual-scheduler.js';
import { Clock, DrivenClock } from '../../src/ports/configuration/clock.js';
import { DrivenScheduler, HostScheduler, Scheduler } from '../../src/ports/configuration/scheduler.js';
import { MeasuredClock, VenueTime } from '../../src/ports/configuration/venue-time.js';
import type { Binder } from '../phase.js';

/** World time that moves from timer to timer, at the pace of the host's clock times the speed. */
export const bindPacedTime = (beginsNow: boolean): ((binder: Binder) => void) => bindTime(beginsNow, PacedScheduler);

/** World time that moves from timer to timer as fast as the work between them is done. */
export const bindVirtualTime = bindTime(false, VirtualScheduler);

/** World time that is a venue's, as it is measured, on the host's timers. */
export const bindVenueTime = ({ bind }: Binder): void => {
  bind(HostScheduler).to(HostTimers).inSingletonScope();
  bind(Scheduler).toService(HostScheduler);
  bind(MeasuredClock).to(VenueClock).inSingletonScope();
  bind(Clock).toService(MeasuredClock);
  bind(VenueTime).toService(MeasuredClock);
};

/** A world that begins now reads the wall clock once; any other begins where its driver says. */
function bindTime(beginsNow: boolean, scheduler: typeof VirtualScheduler | typeof PacedScheduler) {
  return ({ bind }: Binder): void => {
    bind(HostScheduler).to(HostTimers).inSingletonScope();
    bind(DrivenClock)
      .to(beginsNow ? PacedClock : VirtualClock)
      .inSingletonScope();
    bind(Clock).toService(DrivenClock);
    bind(VenueTime).to(ExactVenueTime).inSingletonScope();
    bind(DrivenScheduler).to(scheduler).inSingletonScope();
    bind(Scheduler).toService(DrivenScheduler);
  };
}
