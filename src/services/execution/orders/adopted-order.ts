import type { Instrument } from '../../../domain/instrument.js';
import { OrderRequest, type Order } from '../../../domain/order.js';
import { lots, units } from '../../../domain/units.js';
import type { VenueOrder } from '../../../ports/venue/venue-order.js';

/**
 * An order as the venue describes it, and nothing filled of it: the fills that are known by its names are counted once
 * the log has it, the rest come by the stream or a backfill, each once.
 */
export function adoptedOrder(venue: VenueOrder, clientId: string, instrument: Instrument): Order {
  const limit = venue.price;
  const stop = venue.stopPrice;
  return {
    request: new OrderRequest({
      clientId,
      instrument,
      side: venue.side,
      type: venue.type,
      lots: venue.closePosition === true ? lots(0) : instrument.toLots(venue.size, 'floor'),
      timeInForce: 'GTC',
      postOnly: false,
      reduceOnly: venue.reduceOnly || venue.closePosition === true,
      ...(venue.closePosition === true ? { options: { closePosition: true } } : {}),
      ...(limit === undefined ? {} : { limit: instrument.toTicks(limit, venue.side === 'buy' ? 'floor' : 'ceil') }),
      ...(stop === undefined ? {} : { stop: instrument.toTicks(stop, 'nearest') }),
    }),
    status: 'open',
    venueIds: [venue.venueId],
    filled: lots(0),
    filledNotional: units(0),
    createdAt: venue.report.at,
    updatedAt: venue.report.at,
    reason: 'adopted from the venue',
  };
}
