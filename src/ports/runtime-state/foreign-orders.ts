import type { Instrument } from '../../domain/instrument.js';
import type { VenueOrder } from '../venue/venue-order.js';
import { token } from '../../injection/token.js';

/** An order that is not ours; without an instrument it is of a symbol that is not known here. */
export interface ForeignOrder {
  readonly order: VenueOrder;
  readonly instrument: Instrument | undefined;
}

/**
 * Orders that rest on the account and are not this bot's: shown, never touched, and counted as what may fill. Memory
 * only: the stream tells of them, and every list of open orders.
 */
export interface ForeignOrders {
  readonly isEmpty: boolean;
  /** As it stands now; one that has ended leaves. True where it is known no longer, or for the first time. */
  take(foreign: ForeignOrder): boolean;
  /** It is somebody else's no more. True where it was. */
  drop(order: VenueOrder): boolean;
  /**
   * To be called before the venue is asked for what is open. What is returned is told the whole answer: what that does
   * not name is gone, save what was told while it was on its way.
   */
  listing(): (listed: readonly ForeignOrder[]) => void;
  all(): IterableIterator<ForeignOrder>;
}
export const ForeignOrders = token<ForeignOrders>('ForeignOrders');
