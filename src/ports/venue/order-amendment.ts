import type { Lots, Ticks } from '../../domain/units.js';
import type { OrderRef } from './order-ref.js';

/** What an open order is to become; what is absent stays. */
export interface OrderAmendment {
  readonly ref: OrderRef;
  readonly limit?: Ticks;
  readonly stop?: Ticks;
  /** The whole size, what has been filled included. */
  readonly lots?: Lots;
  /** Not to be applied after this instant (epoch ms), where the venue honours such: `capabilities.requestExpiry`. */
  readonly expiresAt?: number;
}
