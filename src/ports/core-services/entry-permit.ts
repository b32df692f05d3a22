import type { OrderRequest } from '../../domain/order.js';
import type { Ticks } from '../../domain/units.js';
import { token } from '../../injection/token.js';

/** Why an entry is held, under the stable name of the check. */
export interface EntryObjection {
  readonly check: string;
  readonly reason: string;
}

/** What the permit looks at of an order. */
export type EntryTerms = Pick<OrderRequest, 'instrument' | 'side' | 'reduceOnly'>;

/**
 * Whether what is known of the market is good enough to add to a position. Asked when an order is decided on, and by
 * the gateway again in the step in which its bytes leave. What can only reduce is never held for it.
 */
export interface EntryPermit {
  /** Undefined when it may be sent. */
  objection(order: EntryTerms, now: number): EntryObjection | undefined;
  /**
   * Furthest price at which a market order may execute: the collar of the nearest fresh price; for what can only
   * reduce, that of the venue's mark, where it is told. Undefined while none is known. What that leaves open of an
   * order that protects is sent again without it, by whoever sent it.
   */
  worstPrice(order: EntryTerms, now: number): Ticks | undefined;
}
export const EntryPermit = token<EntryPermit>('EntryPermit');
