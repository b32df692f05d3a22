import { closesPosition, hasLimit, type OrderType, type TimeInForce } from '../../../domain/order.js';
import type { Capabilities } from '../../../ports/venue/capabilities.js';
import type { OrderIntent } from '../../../ports/core-services/risk-manager.js';
import type { Objection } from './exchange-rules.js';

/** What else would do nearly the same, the nearest first. */
const NEAR_TYPES: Readonly<Record<OrderType, readonly OrderType[]>> = {
  market: ['limit'],
  limit: ['market'],
  stop_market: ['stop_limit', 'trailing_stop'],
  stop_limit: ['stop_market'],
  take_profit_market: ['take_profit_limit', 'limit'],
  take_profit_limit: ['take_profit_market', 'limit'],
  trailing_stop: ['stop_market', 'stop_limit'],
};
const NEAR_TIMES: Readonly<Record<TimeInForce, readonly TimeInForce[]>> = {
  GTC: ['GTD', 'IOC'],
  GTD: ['GTC'],
  IOC: ['FOK', 'GTC'],
  FOK: ['IOC', 'GTC'],
};

/**
 * What the venue cannot do at all, by its own word, with what comes nearest. `closes`: the order ends the whole
 * position, whatever its form.
 */
export function checkCapabilities(
  intent: OrderIntent,
  can: Capabilities,
  now: number,
  closes: boolean,
): Objection | undefined {
  const { type, timeInForce, triggerBy } = intent;
  const lack = (field: keyof Capabilities, what: string, nearest: string): Objection => ({
    check: 'unsupported',
    reason: `${can.venue} does not support ${what}. ${nearest}`,
    field,
  });
  if (!can.orderTypes.includes(type))
    return lack('orderTypes', `${type} orders`, nearestOf(NEAR_TYPES[type], can.orderTypes));
  if (hasLimit(type) && !can.timeInForce.includes(timeInForce))
    return lack('timeInForce', `time in force ${timeInForce}`, nearestOf(NEAR_TIMES[timeInForce], can.timeInForce));
  if (intent.postOnly && can.postOnly === 'none')
    return lack('postOnly', 'post-only orders', 'Nearest: a limit order at a price that does not take.');
  if (intent.reduceOnly && can.reduceOnly === 'none')
    return lack('reduceOnly', 'reduce-only orders', 'Nearest: a plain order of no more than what is held.');
  if (intent.reduceOnly && can.reduceOnly === 'close_position_only' && !closes && !closesPosition(intent))
    return lack('reduceOnly', 'reduce-only orders of a part', 'Nearest: one that closes the whole position.');
  if (triggerBy !== undefined && !can.triggerPrices.includes(triggerBy))
    return lack('triggerPrices', `triggers by the ${triggerBy} price`, nearestOf(can.triggerPrices, can.triggerPrices));
  return checkOptions(intent, can, now, lack);
}

/** What few orders ask for, and few venues have. */
function checkOptions(
  { options }: OrderIntent,
  can: Capabilities,
  now: number,
  lack: (field: keyof Capabilities, what: string, nearest: string) => Objection,
): Objection | undefined {
  if (options === undefined) return undefined;
  const { after, group, goodTill } = options;
  if (after !== undefined && can.brackets !== true)
    return lack('brackets', 'orders that sleep until another fills', 'Nearest: place it once that one has filled.');
  if (group !== undefined && can.groups !== true)
    return lack('groups', 'orders that end each other', 'Nearest: cancel the rest once one has filled.');
  if (closesPosition({ options }) && can.closePosition !== true)
    return lack('closePosition', 'orders that close the position', 'Nearest: a reduce-only one of the whole size.');
  const earliest = now + (can.goodTillMin ?? 0);
  if (goodTill === undefined || goodTill >= earliest) return undefined;
  const end = new Date(earliest).toISOString();
  return lack('goodTillMin', `ends within ${String(can.goodTillMin ?? 0)} ms`, `Nearest: ${end}.`);
}

function nearestOf<T extends string>(wanted: readonly T[], known: readonly T[]): string {
  const near = wanted.find((each) => known.includes(each));
  return near === undefined ? 'Nothing that it takes comes near.' : `Nearest: ${near}.`;
}
