import { PerpsBotError } from '../../../domain/errors.js';
import type { OrderRequest } from '../../../domain/order.js';
import { leverage, margin } from './rules/margin.js';
import { fillable, postOnly, reduceOnly, trigger } from './rules/moment.js';
import { marketPrice, price } from './rules/price.js';
import { no, type RuleCheck, type RuleContext, type Refusal } from './rules/rule.js';
import { liquidity, shape, tradable } from './rules/shape.js';
import { lotSize, maxOrders, minNotional } from './rules/size.js';

export { isLeverage, leverageFor, prospective } from './rules/margin.js';
export { orderPrice, type RuleContext, type Refusal, type VenueRules } from './rules/rule.js';

/** In the order in which Binance USD-M filters: the first that refuses names the reason. */
const CHECKS: readonly RuleCheck[] = [
  tradable,
  shape,
  liquidity,
  price,
  lotSize,
  minNotional,
  marketPrice,
  maxOrders,
  leverage,
  margin,
  postOnly,
  fillable,
  trigger,
  reduceOnly,
];

/** The venue's refusal, or undefined when it takes the order. */
export function refusalOf(request: OrderRequest, context: RuleContext): Refusal | undefined {
  try {
    for (const check of CHECKS) {
      const refusal = check(request, context);
      if (refusal !== undefined) return refusal;
    }
    return undefined;
  } catch (error) {
    // Position and order together leave the exact range: too large is a refusal, nothing has happened yet.
    if (PerpsBotError.is(error) && error.code === 'NUM-001') return no('insufficient_margin', error.message);
    throw error;
  }
}
