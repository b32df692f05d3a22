import type { Clock, HostClock } from '../../ports/configuration/clock.js';
import type { Logger } from '../../ports/configuration/logger.js';
import type { Scheduler } from '../../ports/configuration/scheduler.js';
import type { ConfigController } from '../../ports/configuration/settings/config-controller.js';
import type { EntryPermit } from '../../ports/core-services/entry-permit.js';
import type { ExecutionEngine, OrderLog } from '../../ports/core-services/execution.js';
import type { RequestBudget } from '../../ports/core-services/request-budget.js';
import type { Portfolio } from '../../ports/runtime-state/portfolio.js';
import type { VenueSession } from '../../ports/venue/venue-session.js';

export interface FlatteningPorts {
  readonly config: ConfigController;
  readonly engine: ExecutionEngine;
  readonly log: OrderLog;
  readonly portfolio: Portfolio;
  readonly session: VenueSession;
  readonly clock: Clock;
  readonly hostClock: HostClock;
  /** A venue that has asked for a pause in answer to what reduces is sent nothing until that is over. */
  readonly budget: Pick<RequestBudget, 'heldUntil'>;
  readonly permit: Pick<EntryPermit, 'worstPrice'>;
  /** Host time: a person waits. */
  readonly scheduler: Scheduler;
  readonly logger: Logger;
  /** Another for every bot, and after everything that was bought or sold: nobody has agreed to what came later. */
  readonly edition: string;
  /** What this bot and its venue still tell differently. */
  readonly differences: () => Promise<readonly string[]>;
}
