import { Decimal, ONE } from '../../../domain/decimal.js';
import type { MarketSnapshot } from '../../../domain/market.js';

const HALF_OF_BPS = 5_000;

/**
 * Expected slippage in basis points: the spread, and half of the order's share of the best level's depth, times the
 * symbol's own factor. A depth that is not positive counts as one unit of quote currency, which refuses any order.
 */
export function expectedSlippageBps(snapshot: MarketSnapshot, notional: Decimal, factor: Decimal = ONE): Decimal {
  const depth = snapshot.depthL1.gt(0) ? snapshot.depthL1 : ONE;
  return snapshot.spreadBps.plus(new Decimal(HALF_OF_BPS).times(notional).div(depth)).times(Decimal.max(factor, ONE));
}
