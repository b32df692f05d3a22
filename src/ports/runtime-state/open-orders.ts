import type { Order, Side } from '../../domain/order.js';
import type { Lots, Units } from '../../domain/units.js';
import { token } from '../../injection/token.js';

/**
 * Exposure that may still come: every order not proven dead, unknown ones included, counted from the moment of
 * approval. Memory only; an empty one is filled from the orders store.
 */
export interface OpenOrders {
  /** Adds or replaces; a terminal order leaves. */
  put(order: Order): void;
  find(clientId: string): Order | undefined;
  all(): IterableIterator<Order>;
  of(symbol: string): readonly Order[];
  readonly size: number;
  /** Lots still to buy, reduce-only orders left out; those of one group count as the largest of them. */
  buying(symbol: string): Lots;
  /** Lots still to sell, likewise. */
  selling(symbol: string): Lots;
  /** Of them, what the orders of this group count: no more than its largest, less what any of them has filled. */
  grouped(symbol: string, side: Side, group: string): Lots;
  /** Reduce-only lots still to execute, protective stops that wait for their trigger left out. */
  reducing(symbol: string): Lots;
  /** Orders of this symbol whose outcome is unknown. */
  unknown(symbol: string): number;
  /**
   * Worst-case |position| in units at a mark, were everything on one side to fill, what only reduces first: it adds
   * nothing, and leaves what is against the position more to open. The sum over symbols is the reserved gross.
   */
  reservedNotional(symbol: string): Units;
}
export const OpenOrders = token<OpenOrders>('OpenOrders');
