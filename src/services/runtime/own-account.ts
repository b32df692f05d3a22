import { readAccountId } from '../../border/session.js';
import { fault } from '../../domain/errors.js';
import { askUnlessHeld, type Asking } from '../../flow/left-alone.js';
import type { AccountLock } from '../../ports/storage/account-lock.js';
import type { EventStore } from '../../ports/storage/event-store.js';
import type { VenueSession } from '../../ports/venue/venue-session.js';

interface OwnAccountPorts extends Asking {
  readonly session: VenueSession;
  readonly events: EventStore;
  readonly accountLock: AccountLock;
}

/**
 * The journal belongs to one account: another one's positions would be read as ours. And the account belongs to one bot
 * of this machine, from here on. Rejects with STORE-005 where either is not so, and writes nothing then.
 */
export async function takeOwnAccount({ session, events, accountLock, ...asking }: OwnAccountPorts): Promise<void> {
  const account = readAccountId(await askUnlessHeld(() => session.getAccountId(), asking));
  const first = events.query({ types: ['account'], limit: 1 })[0];
  if (first !== undefined && first.payload['account'] !== account)
    throw fault(
      'STORE-005',
      `The journal belongs to account ${JSON.stringify(first.payload['account'])}, the venue says ${account}.`,
      { fix: 'Use another --state directory for another account.' },
    );
  accountLock.take(account, session.capabilities);
  if (first === undefined) await events.appendDurable('account', { account, venue: session.capabilities.venue });
}
