import type { OrderRequest } from '../../../domain/order.js';
import type { OpenOrders } from '../../../ports/runtime-state/open-orders.js';
import { finding, type Assessment, type RiskFinding } from '../assessment.js';
import { PPM } from '../parts-per-million.js';

/**
 * Prices stay within the collar: a limit around the mark (around its trigger where it has one, since it only acts
 * there), a trigger around the mark. The trigger of an order that shrinks the position is free: protection may stand
 * far away.
 */
export function checkCollar(order: Assessment): RiskFinding | undefined {
  const { intent, mark, limits } = order;
  const { instrument, limit, stop } = intent;
  if (limit === undefined && stop === undefined) return undefined;
  const reference = mark ?? NaN;
  const trigger = stop === undefined ? undefined : stop * instrument.marksPerTick;
  if (trigger !== undefined && !order.exempt && !within(trigger, reference, limits.collar))
    return outside(order, 'Trigger price', trigger, reference);
  if (limit === undefined) return undefined;
  const price = limit * instrument.marksPerTick;
  const anchor = trigger ?? reference;
  return within(price, anchor, limits.collar) ? undefined : outside(order, 'Limit price', price, anchor);
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

function reachOf({ intent, mark, limits }: Assessment): number {
  if (intent.limit !== undefined) return intent.limit * intent.instrument.marksPerTick;
  const give = ((mark ?? NaN) * limits.slippage) / PPM;
  return intent.side === 'buy' ? (mark ?? NaN) + give : (mark ?? NaN) - give;
}

const rests = (
  request: OrderRequest,
): request is OrderRequest & { readonly limit: NonNullable<OrderRequest['limit']> } =>
  request.limit !== undefined && request.stop === undefined;

const within = (price: number, anchor: number, collar: number): boolean =>
  Math.abs(price - anchor) * PPM <= anchor * collar;

function outside({ intent, limits }: Assessment, what: string, price: number, anchor: number): RiskFinding {
  const { instrument } = intent;
  return finding(
    'price_collar',
    `${what} of ${instrument.symbol} must be within ${limits.collar / 100} bps of ${instrument.spec.tick.times(anchor / instrument.marksPerTick).toString()}, was ${instrument.spec.tick.times(price / instrument.marksPerTick).toString()}.`,
  );
}
