import { UtcSessionGuard } from '../../src/services/runtime/state/utc-session-guard.js';
import { NodeHostClock } from '../../src/platform/time/node-host-clock.js';
import { NodeFiles } from '../../src/platform/node-files.js';
import { SeededRandom } from '../../src/platform/seeded-random.js';
import { SecretRedactor } from '../../src/platform/secret-redactor.js';
import { ConfiguredVenueCredentials } from '../../src/platform/secrets/configured-venue-credentials.js';
import { StderrOutput } from '../../src/platform/stderr-output.js';
import { WinstonLogger } from '../../src/platform/winston-logger.js';
import { BuildIdentity } from '../../src/ports/configuration/build-identity.js';
import { Clock, HostClock } from '../../src/ports/configuration/clock.js';
import { Files } from '../../src/ports/configuration/files.js';
import { LogOutput, Logger } from '../../src/ports/configuration/logger.js';
import { Random } from '../../src/ports/configuration/random.js';
import { Redactor } from '../../src/ports/configuration/redactor.js';
import { HostScheduler, Scheduler } from '../../src/ports/configuration/scheduler.js';
import { SessionGuard } from '../../src/ports/configuration/session-guard.js';
import { VenueCredentials } from '../../src/ports/configuration/venue-credentials.js';
import { VenueTime } from '../../src/ports/configuration/venue-time.js';
import { ConfigController } from '../../src/ports/configuration/settings/config-controller.js';
import { buildDigest } from '../build-digest.js';
import { phase } from '../phase.js';

/** What everything else is told and how it reaches the outside. Clocks and schedulers come from the world. */
export const configurationPhase = phase({
  name: 'configuration',
  requires: [ConfigController, Clock, VenueTime, Scheduler, HostScheduler],
  bind({ bind }) {
    bind(HostClock).to(NodeHostClock).inSingletonScope();
    bind(Random).to(SeededRandom).inSingletonScope();
    bind(Files).to(NodeFiles).inSingletonScope();
    bind(Redactor).to(SecretRedactor).inSingletonScope();
    bind(VenueCredentials).to(ConfiguredVenueCredentials).inSingletonScope();
    bind(LogOutput).to(StderrOutput).inSingletonScope();
    bind(Logger).to(WinstonLogger).inSingletonScope();
    bind(BuildIdentity).toConstantValue({ digest: buildDigest() });
    bind(SessionGuard).to(UtcSessionGuard).inSingletonScope();
  },
});
