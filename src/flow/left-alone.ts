import { fault } from '../domain/errors.js';
import type { Clock } from '../ports/configuration/clock.js';
import type { RequestBudget } from '../ports/core-services/request-budget.js';

export interface Asking {
  readonly budget: Pick<RequestBudget, 'heed' | 'heldUntil'>;
  readonly clock: Pick<Clock, 'now'>;
}

/**
 * Asks the venue, and heeds it where the error in place of the answer says for how long it wants to be left alone.
 * Until that is over nothing is asked: rejects with VENUE-002 at once.
 */
export function askUnlessHeld<T>(question: () => Promise<T>, { budget, clock }: Asking): Promise<T> {
  const until = budget.heldUntil(clock.now());
  if (until !== undefined) return Promise.reject(fault('VENUE-002', heldReason(until)));
  const answer = question();
  answer.catch((error: unknown) => budget.heed(error, clock.now()));
  return answer;
}

export const heldReason = (until: number): string =>
  `The venue has asked to be left alone until ${new Date(until).toISOString()}.`;
