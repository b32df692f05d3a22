import type { Decimal } from '../../domain/decimal.js';
import type { OrderType, Side, VenueOrderId } from '../../domain/order.js';
import type { StatusReport } from '../../domain/order-state.js';

/** An order as the venue tells it, ours or somebody else's. */
export interface VenueOrder {
  readonly venueId: VenueOrderId;
  /** Absent or foreign for orders that are not ours. */
  readonly clientId?: string;
  readonly symbol: string;
  readonly side: Side;
  readonly type: OrderType;
  readonly size: Decimal;
  readonly filled: Decimal;
  readonly price?: Decimal;
  readonly stopPrice?: Decimal;
  readonly reduceOnly: boolean;
  /** It closes whatever is open when it triggers, and has no size of its own. */
  readonly closePosition?: boolean;
  readonly report: StatusReport;
}

/**
 * Not found is the venue's own word that it knows no such order; failing to ask rejects the promise. `forgotten`: there
 * may have been one, long ago, which the venue would still know if it had filled anything or were open: it is over, and
 * has done nothing.
 */
export type OrderLookup =
  { readonly found: true; readonly order: VenueOrder } | { readonly found: false; readonly forgotten?: true };
