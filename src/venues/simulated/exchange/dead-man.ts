import { fault } from '../../../domain/errors.js';
import type { Market } from '../core/market.js';
import type { SharedParts } from './shared-parts.js';

const NEVER = Number.POSITIVE_INFINITY;

/** Throws VENUE-003 for an unknown symbol or a countdown that is none, VENUE-002 while the venue has no time. */
export function assertCountdown(
  { markets, time }: Pick<SharedParts, 'markets' | 'time'>,
  countdownMs: number | undefined,
  symbol?: string,
): void {
  const off = countdownMs === undefined || countdownMs === 0;
  if (!off && !(Number.isSafeInteger(countdownMs) && countdownMs > 0))
    throw fault('VENUE-003', `A countdown must be a whole number of milliseconds, was ${countdownMs}.`);
  if (!off && Number.isNaN(time)) throw fault('VENUE-002', 'A countdown can start once the market has begun.');
  if (symbol !== undefined && !markets.has(symbol)) throw fault('VENUE-003', `${symbol} is not traded here.`);
}

/**
 * Starts, renews or (undefined or 0) stops the countdown of one symbol, or of the account, from where the world is: a
 * market that says nothing for minutes takes none of them away. The two run beside each other. One that has run out is
 * over, also where no event of the market has told it so: it ends its orders before it is renewed.
 */
export function setCountdown(
  parts: Pick<SharedParts, 'markets' | 'asked' | 'of'>,
  countdownMs: number | undefined,
  symbol?: string,
): void {
  const { markets, asked } = parts;
  const endsAt = countdownMs === undefined || countdownMs === 0 ? NEVER : asked + countdownMs;
  for (const market of markets.values()) {
    if (symbol !== undefined && market.symbol !== symbol) continue;
    if (market.book.due.nextAt <= asked) parts.of(market.symbol).fallDue(market, asked);
    market.book.due.set(symbol === undefined ? 'accountDeadManAt' : 'deadManAt', endsAt);
  }
}

/** A market that is defined while the account's countdown runs is under it too, and one made anew keeps its own. */
export function joinCountdown(market: Market, before: Market | undefined, others: Iterable<Market>): void {
  const { due } = market.book;
  for (const other of others)
    due.set('accountDeadManAt', Math.min(due.accountDeadManAt, other.book.due.accountDeadManAt));
  if (before !== undefined) due.set('deadManAt', before.book.due.deadManAt);
}
