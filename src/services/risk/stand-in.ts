import { OrderRequest, type Order, type OrderTerms } from '../../domain/order.js';
import { lots, units } from '../../domain/units.js';
import type { OrderIntent } from '../../ports/core-services/risk-manager.js';

/** No venue and no bot names an order so. */
export const standInName = (index: number): string => `list ${index}`;

/** Counts as the order that is about to be made of an intent, while the rest of its list is asked. */
export const standIn = (intent: OrderIntent, clientId: string, now: number): Order => ({
  request: new OrderRequest(intent, clientId, now),
  status: 'planned',
  venueIds: [],
  filled: lots(0),
  filledNotional: units(0),
  createdAt: now,
  updatedAt: now,
});

/** What was approved under the names of stand-ins, as the list names it. */
export function asGiven(approved: OrderIntent, { options, within }: OrderIntent): OrderIntent {
  const terms: { -readonly [K in keyof OrderIntent]: OrderIntent[K] } = { ...approved };
  delete terms.options;
  if (options !== undefined) terms.options = options;
  if (within !== undefined) terms.within = within;
  return terms;
}

/** What is left of an open order, as somebody would ask for it now under other terms. */
export const restOf = ({ filled, origin, request }: Order, terms: OrderTerms): OrderIntent => ({
  ...terms,
  lots: lots(terms.lots - filled),
  signalId: request.clientId,
  origin: origin ?? { strategy: 'change', reason: `changes ${request.clientId}`, decidedAt: 0 },
});
