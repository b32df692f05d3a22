import type { Action } from '../../../domain/decision.js';
import type { AskedBy, Order } from '../../../domain/order.js';

/**
 * Name of one decision: equal when the same strategy decides the same thing on the same instrument at the same time.
 */
export const signalIdOf = (symbol: string, strategy: string, decidedAt: number, action: Action): string =>
  `${symbol}|${strategy}|${decidedAt}|${action}`;

/** Name of one intent of a strategy, for ever. */
export const intentIdOf = ({ instance, tag, nth }: AskedBy): string => `${instance}/${tag}/${nth}`;

/** Names the decision behind a stored order may have had: a close is stored as the side it took. */
export function signalIdsOf(order: Order): readonly string[] {
  if (order.origin === undefined) return [];
  const { strategy, decidedAt, asked } = order.origin;
  if (asked !== undefined) return [intentIdOf(asked)];
  const { symbol, side, reduceOnly } = order.request;
  const plain = signalIdOf(symbol, strategy, decidedAt, side);
  return reduceOnly ? [plain, signalIdOf(symbol, strategy, decidedAt, 'close')] : [plain];
}
