import type { Instrument } from '../../../domain/instrument.js';
import { OrderRequest, type Order } from '../../../domain/order.js';
import { lotsIn, wholeLots } from '../../../domain/order-value.js';
import { fillFromRecord } from '../../../domain/records.js';
import { lots, units } from '../../../domain/units.js';
import type { VenueOrder } from '../../../ports/venue/venue-order.js';
import type { EventStore } from '../../../ports/storage/event-store.js';
import { FOLDS } from '../../../ports/storage/journal-folds.js';

/**
 * An order as the venue describes it, with the fills that this account's journal already has of it; the rest of its
 * fills come by the stream or a backfill, each once.
 */
export function adoptedOrder(venue: VenueOrder, clientId: string, instrument: Instrument, journal: EventStore): Order {
  const { filled, notional } = journaledFills(clientId, instrument, journal);
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
    status: filled > 0 ? 'partially_filled' : 'open',
    venueIds: [venue.venueId],
    filled: lots(filled),
    filledNotional: units(notional),
    createdAt: venue.report.at,
    updatedAt: venue.report.at,
    reason: 'adopted from the venue',
  };
}

function journaledFills(
  clientId: string,
  instrument: Instrument,
  journal: EventStore,
): { filled: number; notional: number } {
  let filled = 0;
  let notional = 0;
  for (const { type, payload } of journal.fold(FOLDS.accountHistory)) {
    if (type !== 'fill' || payload['client_id'] !== clientId) continue;
    const fill = fillFromRecord(payload, () => instrument);
    if (fill === undefined) continue;
    filled += lotsIn(instrument, fill);
    notional += fill.instrument.notional(fill.price, fill.lots);
  }
  return { filled: wholeLots(filled), notional };
}
