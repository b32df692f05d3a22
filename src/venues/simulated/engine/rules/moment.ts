import { closesPosition, type OrderRequest } from '../../../../domain/order.js';
import { takeable } from '../../core/liquidity.js';
import { wouldTake, type Market } from '../../core/market.js';
import { firesRising, isConditional, reaches } from '../../core/trigger-rules.js';
import { follows, onlyReduces } from '../../core/request-kinds.js';
import { no, type RuleCheck } from './rule.js';

/** A post-only order rests. One that follows another is asked when it wakes. */
export const postOnly: RuleCheck = (request, { market, rules, amends }) => {
  if (!request.postOnly || (follows(request) && amends?.asleep !== false)) return undefined;
  return wouldTake(market, request.side, request.limit, rules.halfSpread)
    ? no('post_only_would_take', 'A post-only order must not take.')
    : undefined;
};

/** Where what stands is known, a fill-or-kill order must be fillable whole. */
export const fillable: RuleCheck = (request, { market }) => {
  if (request.timeInForce !== 'FOK' || isConditional(request.type) || !market.quoted) return undefined;
  return takeable(market, request.side, request.limit, request.lots) >= request.lots
    ? undefined
    : no('not_fillable', 'The whole order must be fillable at once.');
};

/**
 * A trigger lies ahead: a stop beyond the reference, a take-profit and an activation before it on the profit side. One
 * that follows another is asked when it wakes, and whenever it is amended after that; of what trails already nothing is
 * asked.
 */
export const trigger: RuleCheck = (request, { market, amends }) => {
  if (amends?.isStop === false || (amends !== undefined && request.stop === undefined)) return undefined;
  if (!isConditional(request.type) || (follows(request) && amends?.asleep !== false)) return undefined;
  const { stop, options } = request;
  const rising = firesRising(request);
  if (stop !== undefined && isReached(request, market, stop, rising))
    return no('would_trigger', 'The trigger price must not be reached already.');
  if (options?.activation !== undefined && isReached(request, market, options.activation, !rising))
    return no('would_trigger', 'The activation price must not be reached already.');
  return undefined;
};

const isReached = (request: OrderRequest, market: Market, price: number, rising: boolean): boolean =>
  reaches(market.reference(request.triggerBy ?? 'last'), price * market.instrument.marksPerTick, rising);

/** What reduces finds something to reduce. What closes the position looks for it when it triggers. */
export const reduceOnly: RuleCheck = (request, { market, desk }) => {
  if (!onlyReduces(request) || closesPosition(request) || follows(request)) return undefined;
  return desk.reducible(market, request) > 0
    ? undefined
    : no('reduce_only', 'A reduce-only order must reduce the position.');
};
