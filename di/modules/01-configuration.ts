import { UtcSessionGuard } from '../../src/services/runtime/state/session-guard.js';
import { HostClockImpl } from '../../src/platform/host-clock.js';
import { NodeFiles } from '../../src/platform/node-files.js';
import { RandomImpl } from '../../src/platform/random.js';
import { SecretRedactor } from '../../src/platform/secret-redactor.js';
import { StderrOutput } from '../../src/platform/stderr-output.js';
import { WinstonLogger } from '../../src/platform/winston-logger.js';
import { Clock, HostClock } from '../../src/ports/clock.js';
import { Files } from '../../src/ports/files.js';
import { LogOutput, Logger } from '../../src/ports/logger.js';
import { Random } from '../../src/ports/random.js';
import { Redactor } from '../../src/ports/redactor.js';
import { HostScheduler, Scheduler } from '../../src/ports/scheduler.js';
import { SessionGuard } from '../../src/ports/session-guard.js';
import { ConfigController } from '../../src/ports/settings.js';
import { phase } from '../phase.js';

/** What everything else is told and how it reaches the outside. Clocks and schedulers come from the world. */
export const configurationPhase = phase({
  name: 'configuration',
  requires: [ConfigController, Clock, Scheduler, HostScheduler],
  bind({ bind }) {
    bind(HostClock).to(HostClockImpl).inSingletonScope();
    bind(Random).to(RandomImpl).inSingletonScope();
    bind(Files).to(NodeFiles).inSingletonScope();
    bind(Redactor).to(SecretRedactor).inSingletonScope();
    bind(LogOutput).to(StderrOutput).inSingletonScope();
    bind(Logger).to(WinstonLogger).inSingletonScope();
    bind(SessionGuard).to(UtcSessionGuard).inSingletonScope();
  },
});
