import type { RequestBudget } from '../ports/core-services/request-budget.js';

/** For parts that stand alone: nothing is ever held back. */
export const UNLIMITED: RequestBudget = {
  sent: () => undefined,
  freeAt: (_kind, now) => now,
  heed: () => undefined,
  heldUntil: () => undefined,
};
