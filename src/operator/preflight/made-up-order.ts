import type { Decimal } from '../../domain/decimal.js';
import type { Instrument } from '../../domain/instrument.js';
import { OrderRequest, type Order } from '../../domain/order.js';
import { lots, units, type Lots } from '../../domain/units.js';

interface MadeUp {
  readonly instrument: Instrument;
  readonly price: Decimal;
  readonly size: Lots;
  readonly at: number;
  readonly nth: number;
  /** Whose entry it was; undefined: nobody's. */
  readonly strategy: string | undefined;
}

/** An order of the past that there never was, for limits that count them: it has ended, and filled nothing. */
export function madeUpOrder({ instrument, price, size, at, nth, strategy }: MadeUp): Order {
  return {
    request: new OrderRequest({
      ...{ clientId: `made-up-${nth}`, instrument, side: 'buy', type: 'limit', lots: size, timeInForce: 'GTC' },
      ...{ limit: instrument.toTicks(price, 'nearest'), postOnly: false, reduceOnly: false },
    }),
    ...{ status: 'cancelled', venueIds: [], filled: lots(0), filledNotional: units(0), createdAt: at, updatedAt: at },
    reason: 'made up',
    ...(strategy === undefined ? {} : { origin: { strategy, reason: 'made up', decidedAt: at } }),
  };
}
