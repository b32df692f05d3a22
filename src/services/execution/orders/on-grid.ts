import type { Instrument } from '../../../domain/instrument.js';
import type { OrderType, Side } from '../../../domain/order.js';
import { lots, ticks, type Ticks } from '../../../domain/units.js';
import type { OrderIntent } from '../../../ports/core-services/risk-manager.js';

/**
 * The order as the venue takes it, where its grid is coarser than the one in which what is held was measured: sizes
 * down, limits away from the market, triggers to the side on which they act sooner. What is smaller than the grid's
 * step is left as it is: it may be the rest of a position, and whether that can be closed the venue says. `instrument`
 * is the venue's newest description, its band and status included: a position keeps the one that it was opened by.
 */
export function onGrid(intent: OrderIntent, instrument: Instrument = intent.instrument): OrderIntent {
  const { side } = intent;
  const { orderTicks, orderLots } = instrument;
  if (orderTicks === 1 && orderLots === 1) return instrument === intent.instrument ? intent : { ...intent, instrument };
  const whole = intent.lots - (intent.lots % orderLots);
  const isBuy = side === 'buy';
  const { limit, stop, options } = intent;
  return {
    ...intent,
    instrument,
    ...(whole > 0 ? { lots: lots(whole) } : {}),
    ...(limit === undefined ? {} : { limit: rounded(instrument, limit, isBuy ? 'floor' : 'ceil') }),
    ...(stop === undefined ? {} : { stop: triggerOnGrid(instrument, side, intent.type, stop) }),
    ...(options?.activation === undefined
      ? {}
      : { options: { ...options, activation: rounded(instrument, options.activation, isBuy ? 'ceil' : 'floor') } }),
  };
}

/** A trigger on the venue's grid, to the side on which it acts sooner. Who looks for such an order compares this. */
export function triggerOnGrid(instrument: Instrument, side: Side, type: OrderType, stop: Ticks): Ticks {
  if (instrument.orderTicks === 1) return stop;
  const waitsForFall = (side === 'sell') !== type.startsWith('take_profit');
  return rounded(instrument, stop, waitsForFall ? 'ceil' : 'floor');
}

/** Never down to a price of zero. */
function rounded({ orderTicks }: Instrument, price: Ticks, rounding: 'floor' | 'ceil'): Ticks {
  return ticks(Math.max(1, Math[rounding](price / orderTicks)) * orderTicks);
}
