import type { OrderTerms } from '../../domain/order.js';

export type PricedTerms = Pick<OrderTerms, 'instrument' | 'limit' | 'stop' | 'options'>;

/** What so many lots are worth at the dearest price that the order names itself; 0 where it names none. */
export function worthAtOwn({ instrument, limit, stop, options }: PricedTerms, size: number): number {
  let most = 0;
  for (const price of [limit, stop, options?.activation])
    if (price !== undefined) most = Math.max(most, instrument.worth(price * instrument.marksPerTick, size));
  return most;
}
