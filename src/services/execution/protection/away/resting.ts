import { protects } from '../../../../domain/order-state.js';
import {
  closesPosition,
  hasTrigger,
  opposite,
  type Order,
  type OrderTerms,
  type Side,
} from '../../../../domain/order.js';
import type { DeadManTerms } from '../../../../ports/venue/capabilities.js';

/** Whether a countdown that runs out takes an order of this type along. */
export const isTaken = (type: OrderTerms['type'], { sparesTriggers }: DeadManTerms): boolean =>
  sparesTriggers !== true || !hasTrigger(type);

/** What this entry fills is covered by the venue itself: by a stop that sleeps behind it, or by one without a size. */
export function isCoveredAtVenue(entry: Pick<OrderTerms, 'clientId' | 'side'>, orders: readonly Order[]): boolean {
  return orders.some(
    ({ request, status }) =>
      protects(request) &&
      request.side === opposite(entry.side) &&
      (request.options?.after === entry.clientId || (closesPosition(request) && status === 'open')),
  );
}

/** A stop without a size of its own stands for whatever an order of this side opens. */
export const hasStopOfAnySize = (side: Side, orders: readonly Order[]): boolean =>
  isCoveredAtVenue({ clientId: '', side }, orders);
