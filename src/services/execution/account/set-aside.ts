import { messageOf } from '../../../domain/errors.js';
import type { AccountEvent } from '../../../ports/venue/account-event.js';
import type { EventStore } from '../../../ports/storage/event-store.js';
import { FOLDS } from '../../../ports/storage/journal-folds.js';
import type { Logger } from '../../../ports/configuration/logger.js';

/** Anything may be missing in what could not be read. */
type Unread = Partial<AccountEvent> | null | undefined;

const LONGEST = 80;
const RECORD = 'account_event_failed';
/** Left out, such an event leaves the books wrong; news of an order is told again when the venue is asked. */
export const movesMoney = (event: Unread): boolean =>
  event?.kind === 'fill' || event?.kind === 'funding' || event?.kind === 'transfer';

/**
 * What the venue said of the account and could not be booked: counted, and each row said once in log and journal, over
 * restarts too. A venue tells a bad row again whenever it is asked.
 */
export class SetAside {
  private readonly known = new Set<string>();

  constructor(
    private readonly journal: EventStore,
    private readonly logger: Logger,
  ) {}

  /** Rows, each once. */
  get count(): number {
    return this.known.size;
  }

  restore(): void {
    for (const { payload } of this.journal.fold(FOLDS.accountRowsAside)) {
      if (typeof payload['row'] === 'string') this.known.add(payload['row']);
    }
  }

  has(event: Unread, error: unknown): boolean {
    return this.known.has(rowOf(event, error));
  }

  /** True when this row was not set aside before. */
  add(event: Unread, error: unknown): boolean {
    const kind = kindOf(event);
    const message = messageOf(error);
    const row = rowOf(event, error);
    if (this.known.has(row)) return false;
    this.known.add(row);
    this.logger.error('What the venue said of the account could not be booked', { row, error: message });
    this.journal.append(RECORD, { kind, row, error: message });
    return true;
  }
}

const kindOf = (event: Unread): string => String(event?.kind).slice(0, LONGEST);

/** What the venue calls it, or, where it has not even a name, what is wrong with it. */
function rowOf(event: Unread, error: unknown): string {
  const name = nameOf(event);
  return `${kindOf(event)} ${typeof name === 'string' && name !== '' ? name.slice(0, LONGEST) : messageOf(error)}`;
}

function nameOf(event: Unread): unknown {
  switch (event?.kind) {
    case 'fill':
      return event.fill?.tradeId;
    case 'funding':
      return event.payment?.id;
    case 'transfer':
      return event.id;
    case 'order':
      return event.clientId;
    case 'foreign_order':
      return event.order?.venueId;
    default:
      return undefined;
  }
}
