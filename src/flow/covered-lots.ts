import { closesPosition, wakefulLots, type Order } from '../domain/order.js';

/**
 * Lots of a position of `held` lots that an order which stands takes off. One that closes the position has no size of
 * its own: it is whatever is held when it executes.
 */
export const coveredLots = (order: Order, held: number, entryOf: (clientId: string) => Order | undefined): number =>
  closesPosition(order.request) ? Math.abs(held) : wakefulLots(order, entryOf);
