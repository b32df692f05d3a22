import { isDirectOrderId, isOfSomeBot } from '../../../domain/client-order-id.js';
import { tighten } from '../../../flow/tighten.js';
import type { Logger } from '../../../ports/configuration/logger.js';
import type { EventStore } from '../../../ports/storage/event-store.js';
import type { SafetyLadder } from '../../../ports/storage/safety-ladder.js';
import type { VenueOrder } from '../../../ports/venue/venue-order.js';

interface OrphanPorts {
  readonly journal: Pick<EventStore, 'append'>;
  readonly ladder: SafetyLadder;
  readonly logger: Logger;
}

/**
 * Something bears our name and no journaled intent explains it: nothing more is sent until a person has looked. What a
 * command sent past the bot is explained by the word that it has left beside the journal, and halts all the same.
 */
export function sayOrphan({ journal, ladder, logger }: OrphanPorts, reason: string, clientId: string): void {
  if (isDirectOrderId(clientId)) {
    tighten(ladder, 'HALTED', 'direct_order', logger);
    return;
  }
  logger.error(reason, { client_order_id: clientId });
  journal.append(reason, { client_id: clientId });
  tighten(ladder, 'HALTED', reason, logger);
}

/** Once for each: somebody else trades the account. Another bot is worse than a person, for it goes on doing so. */
export function sayForeign({ journal, logger }: Omit<OrphanPorts, 'ladder'>, order: VenueOrder): void {
  const { clientId, venueId, symbol, side } = order;
  const named = { client_order_id: clientId ?? venueId, symbol, side };
  if (isOfSomeBot(clientId)) logger.error('Another bot trades this account: each counts the positions of both', named);
  else logger.warn('An order of somebody else is on the account: counted, and left alone', named);
  journal.append('foreign_order', { client_id: clientId ?? null, order_id: venueId, symbol });
}
