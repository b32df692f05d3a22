import { token } from '../../injection/token.js';

/** What is sent to the venue. Cancellations and protection have a part of the rate to themselves (NW-15). */
export type RequestKind = 'entry' | 'query' | 'cancel' | 'protection';

/**
 * One rate for everything that is sent again, of whatever name and after whatever ending: `execution.resendsPerMinute`.
 * What is sent for the first time uses it up and is not held back by it.
 */
export interface RequestBudget {
  /** Requests of this kind leave now. */
  sent(kind: RequestKind, now: number, count?: number): void;
  /** Not before this instant may so many requests of this kind be sent again; `now` when they may at once. */
  freeAt(kind: RequestKind, now: number, count?: number): number;
  /**
   * Looks whether an answer, or the error in its place, says how long the venue wants to be left alone
   * (`retryAfterMs`): nothing is sent again before that, by a next start neither. `kind`: of the request that was
   * answered so, `query` by default.
   */
  heed(answer: unknown, now: number, kind?: RequestKind): void;
  /**
   * Until when the venue has asked to be left alone; undefined when it has not, or that is over. `protection`, orders
   * that reduce or protect, has one try: it is held by a pause that was told in answer to one of them, and by no other.
   * So has `cancel`.
   */
  heldUntil(now: number, kind?: RequestKind): number | undefined;
}
export const RequestBudget = token<RequestBudget>('RequestBudget');
