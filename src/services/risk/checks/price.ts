import type { Instrument } from '../../../domain/instrument.js';
import type { OrderRequest, Side } from '../../../domain/order.js';
import { ticks, type Ticks } from '../../../domain/units.js';
import type { OpenOrders } from '../../../ports/runtime-state/open-orders.js';
import { finding, type Assessment, type RiskFinding } from '../assessment.js';
import { PPM } from '../parts-per-million.js';

/**
 * What can add stays within the collar of every fresh price: a limit (around its trigger where it has one, since it
 * only acts there) and a trigger. What shrinks the position may stand as far away as it likes: it is sent at the
 * collar where it would trade beyond it, and never kept back.
 */
export function checkCollar(order: Assessment): RiskFinding | undefined {
  const { intent, limits } = order;
  const { instrument, limit, stop } = intent;
  if (order.shrinks || (limit === undefined && stop === undefined)) return undefined;
  const trigger = stop === undefined ? undefined : stop * instrument.marksPerTick;
  const beyond = trigger === undefined ? undefined : beyondCollar(order, trigger);
  if (trigger !== undefined && beyond !== undefined) return outside(order, 'Trigger price', trigger, beyond);
  if (limit === undefined) return undefined;
  const price = limit * instrument.marksPerTick;
  if (trigger !== undefined)
    return within(price, trigger, limits.collar) ? undefined : outside(order, 'Limit price', price, trigger);
  const anchor = beyondCollar(order, price);
  return anchor === undefined ? checkBand(order, limit) : outside(order, 'Limit price', price, anchor);
}

/** A limit beyond the venue's own band would be refused there. */
function checkBand({ intent: { instrument, side }, low, high }: Assessment, limit: Ticks): RiskFinding | undefined {
  const reach = collarPrice(instrument, side, low, high, Number.POSITIVE_INFINITY);
  if (side === 'buy' ? limit <= reach : limit >= reach) return undefined;
  return finding(
    'price_collar',
    `Limit price of a ${side} of ${instrument.symbol} must be within the venue's band, which ends at ${instrument.priceText(ticks(reach))}, was ${instrument.priceText(limit)}.`,
  );
}

/**
 * A limit that reduces and would trade beyond the collar is sent at the collar; any other stays as it is. That of a
 * stop that was reached is its own: nothing is naked for another limit's sake.
 */
export function limitAtCollar({ intent, shrinks, low, high, limits }: Assessment): Ticks | undefined {
  const { instrument, limit, stop, side } = intent;
  if (limit === undefined || !shrinks || stop !== undefined || intent.protects === true) return limit;
  const nearest = collarPrice(instrument, side, low, high, limits.collar);
  if (!(nearest > 0)) return limit;
  return ticks(side === 'buy' ? Math.min(limit, nearest) : Math.max(limit, nearest));
}

/**
 * Furthest price in ticks at which an order may execute: within the collar and the venue's own band of every fresh
 * price, on the venue's grid.
 */
export function collarPrice(instrument: Instrument, side: Side, low: number, high: number, collar: number): number {
  const { marksPerTick, orderTicks, bandAbove, bandBelow } = instrument;
  return side === 'buy'
    ? Math.floor((low * (PPM + Math.min(collar, bandAbove))) / PPM / marksPerTick / orderTicks) * orderTicks
    : Math.ceil((high * (PPM - Math.min(collar, bandBelow))) / PPM / marksPerTick / orderTicks) * orderTicks;
}

/** An entry does not trade with a resting order of our own. A market order reaches as far as the slippage guard. */
export function checkSelfCross(order: Assessment, orders: OpenOrders): RiskFinding | undefined {
  const { intent } = order;
  const { instrument, side } = intent;
  if (intent.urgent === true || intent.stop !== undefined || orders.size === 0) return undefined;
  const reach = reachOf(order);
  for (const { request } of orders.of(instrument.symbol)) {
    if (request.side === side || !rests(request)) continue;
    const price = request.limit * instrument.marksPerTick;
    if (side === 'buy' ? price > reach : price < reach) continue;
    return finding(
      'self_cross',
      `The ${side} would trade with our own resting order ${request.clientId} at ${instrument.price(request.limit).toString()}.`,
    );
  }
  return undefined;
}

function reachOf({ intent, low, high, limits }: Assessment): number {
  if (intent.limit !== undefined) return intent.limit * intent.instrument.marksPerTick;
  const give = (high * limits.slippage) / PPM;
  return intent.side === 'buy' ? high + give : low - give;
}

const rests = (
  request: OrderRequest,
): request is OrderRequest & { readonly limit: NonNullable<OrderRequest['limit']> } =>
  request.limit !== undefined && request.stop === undefined;

/** The fresh price from which this one is too far; NaN where none is known. */
function beyondCollar({ low, high, limits }: Assessment, price: number): number | undefined {
  if (!within(price, low, limits.collar)) return low;
  return within(price, high, limits.collar) ? undefined : high;
}

const within = (price: number, anchor: number, collar: number): boolean =>
  Math.abs(price - anchor) * PPM <= anchor * collar;

function outside({ intent, limits }: Assessment, what: string, price: number, anchor: number): RiskFinding {
  const { instrument } = intent;
  return finding(
    'price_collar',
    `${what} of ${instrument.symbol} must be within ${limits.collar / 100} bps of ${instrument.spec.tick.times(anchor / instrument.marksPerTick).toString()}, was ${instrument.spec.tick.times(price / instrument.marksPerTick).toString()}.`,
  );
}
