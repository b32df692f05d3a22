import { fault } from '../domain/errors.js';
import { DAY_MS } from '../domain/time-spans.js';

/** A hundred years: a longer delay is a unit mistake, not a plan. */
const LONGEST_DELAY_MS = 100 * 365.25 * DAY_MS;
/** The last instant a JavaScript date can hold. */
const LAST_INSTANT_MS = 8.64e15;

/** Returns the delay; throws `TIME-001` for NaN, a negative, an infinite or an overlong one. */
export function checkedDelay(delayMs: number): number {
  if (!(delayMs >= 0 && delayMs <= LONGEST_DELAY_MS)) {
    throw fault('TIME-001', `Delay must be between 0 and ${LONGEST_DELAY_MS} ms, was ${delayMs}.`);
  }
  return delayMs;
}

/** Returns the instant; throws `TIME-001` unless it is a whole number of epoch milliseconds that a date can hold. */
export function checkedInstant(at: number): number {
  if (!(Number.isInteger(at) && at >= 0 && at <= LAST_INSTANT_MS)) {
    throw fault('TIME-001', `Instant must be whole epoch milliseconds, was ${at}.`);
  }
  return at;
}
