import type { VenueOrderId } from '../../domain/order.js';

/** Finds one order by any of its names. */
export interface OrderRef {
  readonly clientId: string;
  readonly symbol: string;
  /** All that are known, oldest first. */
  readonly venueIds?: readonly VenueOrderId[];
  /**
   * When it was asked for (epoch ms), where that is known: a venue that may have forgotten orders of then cannot deny
   * this one.
   */
  readonly sentAt?: number;
}
