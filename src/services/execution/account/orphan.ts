import { isDirectOrderId } from '../../../domain/client-order-id.js';
import { tighten } from '../../../flow/tighten.js';
import type { Logger } from '../../../ports/configuration/logger.js';
import type { EventStore } from '../../../ports/storage/event-store.js';
import type { SafetyLadder } from '../../../ports/storage/safety-ladder.js';

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
