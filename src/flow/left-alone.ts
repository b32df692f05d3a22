import { fault } from '../domain/errors.js';
import type { Clock } from '../ports/configuration/clock.js';
import type { RequestBudget, RequestKind } from '../ports/core-services/request-budget.js';

export interface Asking {
  readonly budget: Pick<RequestBudget, 'heed' | 'heldUntil'>;
  readonly clock: Pick<Clock, 'now'>;
}

/**
 * Asks the venue, and heeds it where its answer, or the error in its place, says for how long it wants to be left
 * alone. Until that is over nothing of this kind is asked: rejects with VENUE-002 at once.
 */
export function askUnlessHeld<T>(question: () => Promise<T>, asking: Asking, kind: RequestKind = 'query'): Promise<T> {
  const until = asking.budget.heldUntil(asking.clock.now(), kind);
  if (until !== undefined) return Promise.reject(fault('VENUE-002', heldReason(until)));
  return heeded(question(), asking, kind);
}

/** Of what is sent whatever the venue has asked for: the answer is heeded all the same, and when it comes late, too. */
export function heeded<T>(answer: Promise<T>, { budget, clock }: Asking, kind: RequestKind): Promise<T> {
  const heed = (told: unknown): void => budget.heed(told, clock.now(), kind);
  answer.then(heed, heed);
  return answer;
}

/** Who asked for it is in the log, with the answer that said so: the venue, or our own count of what it allows. */
export const heldReason = (until: number): string =>
  `The venue is left alone until ${new Date(until).toISOString()}: it has asked for that, or its minute's weight is used up.`;
