import { canOnlyReduce, protects } from '../../../domain/order-state.js';
import type { OrderTerms } from '../../../domain/order.js';
import type { RequestKind } from '../../../ports/core-services/request-budget.js';

/** Under which part of the rate, and which of the venue's pauses, an order and its changes are. */
export const kindOf = (
  terms: Pick<OrderTerms, 'reduceOnly' | 'type' | 'side' | 'instrument'>,
  isProtecting = false,
): RequestKind => (isProtecting || protects(terms) || canOnlyReduce(terms) ? 'protection' : 'entry');
