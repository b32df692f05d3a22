import type { RandomStream } from '../ports/configuration/random.js';

/** Doublings beyond which the cap holds anyway; keeps the power finite. */
const MAX_DOUBLINGS = 30;

/**
 * Milliseconds before attempt number `attempt` (1 is the first retry): the minimum doubled each time up to the cap.
 * With a random stream up to a half of it is taken off, so that clients that lost one venue together do not return
 * together; without one the delays are whole, for work that counts on the time between two attempts.
 */
export function backoffMs(attempt: number, minMs: number, maxMs: number, random?: RandomStream): number {
  const full = Math.min(maxMs, minMs * 2 ** Math.min(attempt - 1, MAX_DOUBLINGS));
  return Math.max(1, Math.round(random === undefined ? full : full * (1 - random.next() / 2)));
}
