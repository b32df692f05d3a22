import { WireFields } from '../../../connect/wire-fields.js';
import { ZERO, type Decimal } from '../../../domain/decimal.js';
import { venueOrderId, type OrderStatus, type OrderType, type Side, type VenueOrderId } from '../../../domain/order.js';
import type { VenueOrder } from '../../../ports/venue/venue-order.js';

/** Conditional orders are numbered by a service of their own. */
export const ALGO = 'algo';
export const isAlgoId = (id: VenueOrderId): boolean => id.startsWith(`${ALGO}:`);
/** The number inside the name of an order. */
export const numberIn = (id: VenueOrderId): string => id.slice(id.indexOf(':') + 1);

export const SIDES: Readonly<Record<string, Side>> = { BUY: 'buy', SELL: 'sell' };
export const TYPES: Readonly<Record<string, OrderType>> = {
  LIMIT: 'limit',
  MARKET: 'market',
  STOP: 'stop_limit',
  STOP_MARKET: 'stop_market',
  TAKE_PROFIT: 'take_profit_limit',
  TAKE_PROFIT_MARKET: 'take_profit_market',
  TRAILING_STOP_MARKET: 'trailing_stop',
  // What the venue makes itself to close a position.
  LIQUIDATION: 'limit',
};
/** Source: Binance, "Public endpoints info", order status. */
export const STATUSES: Readonly<Record<string, OrderStatus>> = {
  NEW: 'open',
  PARTIALLY_FILLED: 'partially_filled',
  PENDING_CANCEL: 'open',
  FILLED: 'filled',
  CANCELED: 'cancelled',
  REJECTED: 'rejected_late',
  EXPIRED: 'expired',
  EXPIRED_IN_MATCH: 'expired',
  NEW_INSURANCE: 'open',
  NEW_ADL: 'open',
};
export const SELF_TRADE = 'It would have traded with an order of the same account.';

/** `algoStatus`; one that has triggered is another order by then. */
export const ALGO_STATUSES: Readonly<Record<string, OrderStatus>> = {
  NEW: 'open',
  TRIGGERING: 'open',
  TRIGGERED: 'open',
  FINISHED: 'open',
  CANCELED: 'cancelled',
  EXPIRED: 'expired',
  REJECTED: 'rejected_late',
};

/**
 * An order as the plain service tells it. `avgPrice` and `cumQuote` are not read: the answers to orders do not have
 * them. Throws VENUE-005.
 */
export function plainOrder(said: unknown): VenueOrder {
  const fields = new WireFields(said, 'An order');
  const venueId = venueOrderId(fields.id('orderId'));
  const clientId = fields.text('clientOrderId');
  const named = new WireFields(said, `Order ${clientId}`);
  const status = named.meaning('status', STATUSES);
  const reason = named.text('status') === 'EXPIRED_IN_MATCH' ? SELF_TRADE : undefined;
  return {
    venueId,
    clientId,
    symbol: named.text('symbol'),
    side: named.meaning('side', SIDES),
    type: named.meaning(named.has('origType') ? 'origType' : 'type', TYPES),
    size: named.decimal('origQty'),
    filled: named.decimal('executedQty'),
    ...priced(named, 'price', 'stopPrice'),
    reduceOnly: named.flag('reduceOnly'),
    ...(named.has('closePosition') && named.flag('closePosition') ? { closePosition: true } : {}),
    report: { status, at: named.whole('updateTime'), venueId, ...(reason === undefined ? {} : { reason }) },
  };
}

/** A conditional order, and the number of the order that it has become. */
export interface AlgoAnswer {
  readonly order: VenueOrder;
  readonly childId?: string;
  /** It has triggered: what it is now, the plain service knows. */
  readonly isTriggered: boolean;
}

/** An order as the conditional service tells it. Throws VENUE-005. */
export function algoOrder(said: unknown): AlgoAnswer {
  const fields = new WireFields(said, 'A conditional order');
  const venueId = venueOrderId(fields.id('algoId'), ALGO);
  const clientId = fields.text('clientAlgoId');
  const named = new WireFields(said, `Conditional order ${clientId}`);
  const status = named.meaning('algoStatus', ALGO_STATUSES);
  const word = named.text('algoStatus');
  const closes = named.has('closePosition') && named.flag('closePosition');
  return {
    isTriggered: word === 'TRIGGERED' || word === 'FINISHED',
    ...(named.has('actualOrderId') ? { childId: named.id('actualOrderId') } : {}),
    order: {
      venueId,
      clientId,
      symbol: named.text('symbol'),
      side: named.meaning('side', SIDES),
      type: named.meaning('orderType', TYPES),
      size: named.decimal('quantity'),
      filled: ZERO,
      ...priced(named, 'price', 'triggerPrice'),
      reduceOnly: named.flag('reduceOnly') || closes,
      ...(closes ? { closePosition: true } : {}),
      report: { status, at: named.whole('updateTime'), venueId },
    },
  };
}

/** Zero is how the venue writes that there is no such price. */
function priced(fields: WireFields, limit: string, stop: string): Pick<VenueOrder, 'price' | 'stopPrice'> {
  const price = above(fields, limit);
  const stopPrice = above(fields, stop);
  return { ...(price && { price }), ...(stopPrice && { stopPrice }) };
}

function above(fields: WireFields, name: string): Decimal | undefined {
  const value = fields.allowDecimal(name);
  return value?.gt(0) === true ? value : undefined;
}
