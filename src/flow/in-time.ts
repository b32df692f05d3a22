import type { Scheduler } from '../ports/configuration/scheduler.js';
import type { ConfigController } from '../ports/configuration/settings/config-controller.js';
import { withDeadline } from './deadline.js';
import { askUnlessHeld, type Asking } from './left-alone.js';

export interface InTime extends Asking {
  readonly scheduler: Scheduler;
  readonly config: ConfigController;
}

/**
 * A venue's answer, or an error once `execution.requestTimeout` is over. An adapter bounds its requests; that it does
 * is not believed, because whoever waits for one answer here is waited for by others. A venue that wants to be left
 * alone is not asked.
 */
export const inTime = <T>(question: () => Promise<T>, ports: InTime): Promise<T> =>
  withDeadline(askUnlessHeld(question, ports), {
    scheduler: ports.scheduler,
    limitMs: ports.config.current.execution.requestTimeoutMs,
  });
