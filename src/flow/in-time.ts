import type { Scheduler } from '../ports/configuration/scheduler.js';
import type { ConfigController } from '../ports/configuration/settings/config-controller.js';
import { withDeadline } from './deadline.js';

/**
 * A venue's answer, or an error once `execution.requestTimeout` is over. An adapter bounds its requests; that it does
 * is not believed, because whoever waits for one answer here is waited for by others.
 */
export const inTime = <T>(
  answer: Promise<T>,
  { scheduler, config }: { readonly scheduler: Scheduler; readonly config: ConfigController },
): Promise<T> => withDeadline(answer, { scheduler, limitMs: config.current.execution.requestTimeoutMs });
