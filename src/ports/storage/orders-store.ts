import type { Instrument } from '../../domain/instrument.js';
import type { Order, VenueOrderId } from '../../domain/order.js';
import { token } from '../../injection/token.js';

/** Every order of this account: a projection of the event store's `order` records, rebuilt from them by `load`. */
export interface OrdersStore {
  /** Keeps the order if it differs from what is stored; false when nothing changed (no record is written). */
  upsert(order: Order): boolean;
  /** The same, on disk when it resolves: for intents, before anything is sent. */
  upsertDurable(order: Order): Promise<void>;
  find(clientId: string): Order | undefined;
  /** Of this instrument: some venues number orders by market. */
  findByVenueId(venueId: VenueOrderId, symbol: string): Order | undefined;
  open(): Order[];
  all(): IterableIterator<Order>;
  /** Rebuilds from the journal; orders of instruments the resolver no longer knows are kept aside and counted. */
  load(resolve: (symbol: string) => Instrument | undefined): {
    readonly loaded: number;
    readonly unresolved: readonly string[];
  };
}
export const OrdersStore = token<OrdersStore>('OrdersStore');
