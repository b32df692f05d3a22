import type { Instrument } from '#src/domain/instrument.js';
import { venueOrderId, type Fill, type Side } from '#src/domain/order.js';
import { lots, ticks, units } from '#src/domain/units.js';

let made = 0;

/** A fill in lots and ticks; every call is another trade unless an id is given. */
export function fill(
  instrument: Instrument,
  side: Side,
  size: number,
  price: number,
  overrides: Partial<Fill> = {},
): Fill {
  made += 1;
  return {
    tradeId: `t${made}`,
    clientId: `c${made}`,
    venueId: venueOrderId(`v${made}`),
    instrument,
    side,
    lots: lots(size),
    price: ticks(price),
    fee: units(0),
    liquidity: 'taker',
    at: Date.UTC(2024, 0, 2, 12),
    ...overrides,
  };
}
