import { requireInstant, requireText } from './reading.js';

/** Throws VENUE-005: a journal that belongs to no account could be opened on any. */
export function readAccountId(account: string): string {
  requireText(account, 'Account id');
  return account;
}

/** Throws VENUE-005 for a time in another unit than milliseconds, or more than a day ahead of ours. */
export function readServerTime(at: number, now: number): number {
  requireInstant(at, 'Time', now);
  return at;
}
