import type { Newable } from 'inversify';
import { DeadManSwitch } from '../../src/ports/core-services/dead-man-switch.js';
import { VenueDeadManSwitch } from '../../src/services/execution/protection/away/venue-dead-man-switch.js';
import { NodeHttpClient } from '../../src/platform/transport/node-http-client.js';
import { NodeSocketClient } from '../../src/platform/transport/node-socket-client.js';
import { HttpClient } from '../../src/ports/transport/http-client.js';
import { SocketClient } from '../../src/ports/transport/socket-client.js';
import { AbsentVenue } from '../../src/venues/absent/absent-venue.js';
import { UsdmBrokerage } from '../../src/venues/binance-usdm/usdm-brokerage.js';
import { Brokerage } from '../../src/ports/venue/brokerage.js';
import type { BotConfig } from '../../src/ports/configuration/settings/bot-config.js';
import type { WorldBindings } from '../phase.js';
import { bindDoor } from './door.js';
import { bindAccountLock, bindJournal, bindRequests } from './stores.js';
import { bindVenueTime } from './time.js';
import { bindNoTrace } from './traces.js';

/** Adapters by what `venue.name` says. */
const ADAPTERS: Readonly<Record<string, Newable<Brokerage>>> = { 'binance-usdm': UsdmBrokerage };

/** The venue's clock, a durable journal, and the venue that is named; none until somebody names or binds one. */
export const liveWorld = (config: BotConfig): WorldBindings => ({
  configuration: (binder) => {
    bindVenueTime(binder);
    binder.bind(HttpClient).to(NodeHttpClient).inSingletonScope();
    binder.bind(SocketClient).to(NodeSocketClient).inSingletonScope();
  },
  'runtime-state': bindNoTrace,
  storage: (binder) => {
    bindJournal(binder, config.storage.driver);
    bindRequests(binder);
    bindAccountLock(binder);
  },
  'core-services': (binder) => {
    bindDoor(binder);
    binder.bind(DeadManSwitch).to(VenueDeadManSwitch).inSingletonScope();
    binder
      .bind(Brokerage)
      .to(ADAPTERS[config.venue.name ?? ''] ?? AbsentVenue)
      .inSingletonScope();
  },
});
