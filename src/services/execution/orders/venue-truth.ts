import type { Order } from '../../../domain/order.js';
import { isTerminal } from '../../../domain/order-state.js';
import type { OrderRef } from '../../../ports/venue/order-ref.js';
import type { AccountEvent } from '../../../ports/venue/account-event.js';
import type { VenueOrder } from '../../../ports/venue/venue-order.js';
import type { AccountStream, OrderLog } from '../../../ports/core-services/execution.js';

export const refOf = (order: Order): OrderRef => ({
  clientId: order.request.clientId,
  symbol: order.request.symbol,
  venueIds: order.venueIds,
  sentAt: order.createdAt,
});

/** What a venue tells of one of our orders, as its account stream would. */
export const newsOf = ({ request }: Order, told: VenueOrder): AccountEvent => ({
  kind: 'order',
  clientId: request.clientId,
  symbol: request.symbol,
  report: { ...told.report, venueId: told.venueId },
  filled: request.instrument.toLots(told.filled, 'floor'),
});

/**
 * Brings one of our orders to what the venue says of it and returns the value that now holds. Missing fills are
 * fetched first; while they are still missing the order is not ended, because its exposure has not reached the
 * position yet. Rejects when the fills cannot be fetched: nothing has changed then.
 */
export async function applyVenueTruth(
  log: OrderLog,
  stream: AccountStream,
  order: Order,
  venue: VenueOrder,
): Promise<Order> {
  const { clientId, instrument } = order.request;
  const filled = instrument.toLots(venue.filled, 'floor');
  let current = log.find(clientId) ?? order;
  if (filled > current.filled) {
    await stream.backfill();
    current = log.find(clientId) ?? current;
  }
  const short = filled > current.filled;
  const ended = isTerminal(venue.report.status);
  const told = { ...venue.report, venueId: venue.venueId };
  if (!short || !ended) return log.report(clientId, told) ?? current;
  const { at, venueId } = told;
  current = log.report(clientId, { status: 'open', at, venueId }) ?? current;
  // Its id may have been what its fills were known by.
  return filled > current.filled ? current : (log.report(clientId, told) ?? current);
}
