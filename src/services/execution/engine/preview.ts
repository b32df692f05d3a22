import { messageOf } from '../../../domain/errors.js';
import type { VenueSession } from '../../../ports/venue/venue-session.js';
import type { OrderEntry } from '../../../ports/venue/order-entry.js';
import type { EventStore, Json } from '../../../ports/storage/event-store.js';
import type { PreSendCheck } from '../../../ports/core-services/execution.js';
import type { Logger } from '../../../ports/configuration/logger.js';
import { onWire } from '../orders/on-wire.js';
import { orderFacts } from '../orders/order-facts.js';
import { inTime, type InTime } from '../../../flow/in-time.js';

export interface PreviewPorts extends InTime {
  readonly entry: OrderEntry;
  readonly journal: EventStore;
  readonly logger: Logger;
  readonly session: Pick<VenueSession, 'capabilities'>;
}

/**
 * Asks the venue what it would do. A failed preview is ignored unless the configuration says that it refuses the order.
 */
export function previewCheck(ports: PreviewPorts): PreSendCheck {
  return async (request) => {
    // It leaves together with the entry that it follows: no venue knows that one yet.
    if (request.options?.after !== undefined) return undefined;
    try {
      const preview = await inTime(() => ports.entry.previewOrder(onWire(request, ports.session.capabilities)), ports);
      if (preview !== undefined) {
        ports.journal.append('order_preview', {
          ...orderFacts(request),
          order_type: request.type,
          preview: plain(preview),
        });
      }
      return undefined;
    } catch (error) {
      ports.logger.warn('Order preview failed', { client_order_id: request.clientId, error: messageOf(error) });
      return ports.config.current.execution.previewFailClosed ? `preview_failed: ${messageOf(error)}` : undefined;
    }
  };
}

/** Decimals and dates as text, nothing that JSON cannot hold. */
const plain = (value: unknown): Json => JSON.parse(JSON.stringify(value)) as Json;
