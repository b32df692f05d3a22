import { DeadManSwitch } from '../../src/ports/core-services/dead-man-switch.js';
import { VenueDeadManSwitch } from '../../src/services/execution/protection/away/venue-dead-man-switch.js';
import { HostTimers } from '../../src/platform/time/host-timers.js';
import { VenueClock } from '../../src/platform/time/venue-clock.js';
import { AbsentVenue } from '../../src/venues/absent/absent-venue.js';
import { Brokerage } from '../../src/ports/venue/brokerage.js';
import { Clock } from '../../src/ports/configuration/clock.js';
import { MeasuredClock, VenueTime } from '../../src/ports/configuration/venue-time.js';
import { HostScheduler, Scheduler } from '../../src/ports/configuration/scheduler.js';
import type { BotConfig } from '../../src/ports/configuration/settings/bot-config.js';
import type { WorldBindings } from '../phase.js';
import { bindDoor } from './door.js';
import { bindJournal, bindRequests } from './stores.js';

/** The venue's clock, a durable journal, and no venue until somebody binds one. */
export const liveWorld = (config: BotConfig): WorldBindings => ({
  configuration: ({ bind }) => {
    bind(HostScheduler).to(HostTimers).inSingletonScope();
    bind(Scheduler).toService(HostScheduler);
    bind(MeasuredClock).to(VenueClock).inSingletonScope();
    bind(Clock).toService(MeasuredClock);
    bind(VenueTime).toService(MeasuredClock);
  },
  storage: (binder) => {
    bindJournal(binder, config.storage.driver);
    bindRequests(binder);
  },
  'core-services': (binder) => {
    bindDoor(binder);
    binder.bind(DeadManSwitch).to(VenueDeadManSwitch).inSingletonScope();
    binder.bind(Brokerage).to(AbsentVenue).inSingletonScope();
  },
});
