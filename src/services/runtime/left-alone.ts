import { fault } from '../../domain/errors.js';
import { heldReason } from '../../flow/left-alone.js';
import type { Clock } from '../../ports/configuration/clock.js';
import type { Logger } from '../../ports/configuration/logger.js';
import type { Scheduler } from '../../ports/configuration/scheduler.js';
import type { RequestBudget } from '../../ports/core-services/request-budget.js';

interface Waiting {
  readonly budget: RequestBudget;
  readonly clock: Clock;
  readonly hostScheduler: Scheduler;
  readonly logger: Logger;
}

/** An earlier run was told of a pause that is not over: asking now would make it longer. Throws VENUE-002 at an end. */
export async function leftAlone({ budget, clock, hostScheduler, logger }: Waiting, signal: AbortSignal): Promise<void> {
  for (let now = clock.now(), until = budget.heldUntil(now); until !== undefined;) {
    logger.warn(`${heldReason(until)} The start waits for it.`);
    await hostScheduler.sleep(until - now, signal);
    if (signal.aborted) throw fault('VENUE-002', heldReason(until));
    now = clock.now();
    until = budget.heldUntil(now);
  }
}
