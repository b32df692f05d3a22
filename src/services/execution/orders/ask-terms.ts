import { messageOf } from '../../../domain/errors.js';
import { inTime } from '../../../flow/in-time.js';
import type { Clock } from '../../../ports/configuration/clock.js';
import type { Scheduler } from '../../../ports/configuration/scheduler.js';
import type { ConfigController } from '../../../ports/configuration/settings/config-controller.js';
import type { Logger } from '../../../ports/configuration/logger.js';
import type { AccountStream } from '../../../ports/core-services/execution.js';
import type { AccountAccess } from '../../../ports/venue/account-access.js';
import type { VenueSession } from '../../../ports/venue/venue-session.js';
import type { RequestBudget } from '../../../ports/core-services/request-budget.js';

export interface TermsPorts {
  readonly session: VenueSession;
  readonly account: AccountAccess;
  readonly stream: Pick<AccountStream, 'accept'>;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly config: ConfigController;
  readonly logger: Logger;
  readonly budget: RequestBudget;
}

/** Reads back how the account trades, where the venue tells it. Never rejects: what was known goes on being known. */
export async function askTerms(ports: TermsPorts): Promise<void> {
  const { session, account, stream, clock, config, logger } = ports;
  if (session.capabilities.accountTerms !== true) return;
  try {
    const terms = await inTime(() => account.describeAccount(config.current.symbols), ports);
    stream.accept({ kind: 'terms', terms, at: clock.now() });
  } catch (error) {
    logger.warn('The terms of the account could not be read back', { error: messageOf(error) });
  }
}
