import type { VenueOrderId } from '../../domain/order.js';

/** Finds one order by any of its names. */
export interface OrderRef {
  readonly clientId: string;
  readonly symbol: string;
  /** All that are known, oldest first. */
  readonly venueIds?: readonly VenueOrderId[];
}
