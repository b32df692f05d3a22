import { DeadManSwitch } from '../../src/ports/core-services/dead-man-switch.js';
import { VenueDeadManSwitch } from '../../src/services/execution/protection/away/venue-dead-man-switch.js';
import { AbsentVenue } from '../../src/venues/absent/absent-venue.js';
import { Brokerage } from '../../src/ports/venue/brokerage.js';
import type { BotConfig } from '../../src/ports/configuration/settings/bot-config.js';
import type { WorldBindings } from '../phase.js';
import { bindDoor } from './door.js';
import { bindJournal, bindRequests } from './stores.js';
import { bindVenueTime } from './time.js';

/** The venue's clock, a durable journal, and no venue until somebody binds one. */
export const liveWorld = (config: BotConfig): WorldBindings => ({
  configuration: bindVenueTime,
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
