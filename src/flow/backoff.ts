import type { RandomStream } from '../ports/configuration/random.js';

/** Doublings beyond which the cap holds anyway; keeps the power finite. */
const MAX_DOUBLINGS = 30;

/**
 * Milliseconds before attempt number `attempt` (1 is the first retry): the minimum doubled each time up to the cap,
 * of which a random half is taken off, so that clients that lost one venue together do not return together.
 */
export function backoffMs(attempt: number, minMs: number, maxMs: number, random: RandomStream): number {
  const full = Math.min(maxMs, minMs * 2 ** Math.min(attempt - 1, MAX_DOUBLINGS));
  return Math.max(1, Math.round(full * (1 - random.next() / 2)));
}
