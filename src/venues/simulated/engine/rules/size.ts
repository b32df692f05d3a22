import { closesPosition, hasLimit, type OrderRequest } from '../../../../domain/order.js';
import type { Units } from '../../../../domain/units.js';
import type { Market } from '../../core/market.js';
import { isConditional } from '../../core/trigger-rules.js';
import { onlyReduces } from '../../core/request-kinds.js';
import { no, orderPrice, type RuleCheck } from './rule.js';

/** Smallest, largest and exact size. What closes a position whole may be below the smallest. */
export const lotSize: RuleCheck = (request, { market, desk }) => {
  const { instrument } = market;
  if (closesPosition(request)) return undefined;
  if (!(Number.isSafeInteger(request.lots) && request.lots > 0))
    return no('lot_size', `The size must be at least one step, was ${request.lots} steps.`);
  const closesAll = onlyReduces(request) && request.lots >= desk.reducible(market, request);
  if (request.lots < instrument.minLots && !closesAll)
    return no(
      'lot_size',
      `The size must be at least ${instrument.size(instrument.minLots).toString()}, was ${request.size.toString()}.`,
    );
  const most = hasLimit(request.type) ? instrument.maxLots : instrument.maxMarketLots;
  if (request.lots > most)
    return no(
      'lot_size',
      `The size must be at most ${instrument.size(most).toString()}, was ${request.size.toString()}.`,
    );
  // What closes is never refused for what it is worth: the position itself was held until now.
  if (onlyReduces(request)) return undefined;
  const value = instrument.worth(orderPrice(request, market) * instrument.marksPerTick, request.lots);
  return value <= Number.MAX_SAFE_INTEGER ? undefined : no('lot_size', `The order's value cannot be held exactly.`);
};

export const minNotional: RuleCheck = (request, { market }) => {
  if (onlyReduces(request)) return undefined;
  const { instrument } = market;
  const value = orderValue(request, market);
  if (value >= instrument.minNotional) return undefined;
  return no(
    'min_notional',
    `The order's value must be at least ${instrument.money(instrument.minNotional).toString()}, was ${instrument.money(value).toString()}.`,
  );
};

export const maxOrders: RuleCheck = (request, { market, rules, amends }) => {
  const { book, symbol } = market;
  if (!(book.size < rules.maxOpenOrders))
    return no('max_orders', `There must be at most ${rules.maxOpenOrders} open orders of ${symbol}.`);
  if (!isConditional(request.type) || amends?.isStop === false) return undefined;
  let conditional = book.stops.length;
  for (const order of book.sleeping) if (order.isStop) conditional += 1;
  return conditional < rules.maxConditionalOrders
    ? undefined
    : no(
        'max_orders',
        `There must be at most ${rules.maxConditionalOrders} orders of ${symbol} that wait for a trigger.`,
      );
};

/** Value of an order; market orders at the mark itself. */
export function orderValue(request: OrderRequest, market: Market): Units {
  const { instrument } = market;
  return request.limit === undefined && request.stop === undefined
    ? instrument.notionalAtMark(market.mark, request.lots)
    : instrument.notional(orderPrice(request, market), request.lots);
}
