import { canOnlyReduce, protects } from '../domain/order-state.js';
import type { Spares } from '../ports/core-services/execution.js';
import type { StrategyHost } from '../ports/strategy/strategy-host.js';
import type { Portfolio } from '../ports/runtime-state/portfolio.js';

/** Spares the stops of positions that are open. */
const protectionOf =
  (portfolio: Portfolio): Spares =>
  (order) => {
    if (!protects(order)) return false;
    for (const { instrument, lots } of portfolio.positions())
      if (instrument.symbol === order.symbol) return order.side === 'sell' ? lots > 0 : lots < 0;
    return false;
  };

/** Spares what can only take risk off, targets too. */
export const reducingOf =
  (portfolio: Portfolio): Spares =>
  (order) => {
    if (order.reduceOnly) return true;
    for (const { instrument } of portfolio.positions())
      if (instrument.symbol === order.symbol) return canOnlyReduce({ ...order, instrument });
    return false;
  };

/** Spares at a shutdown the stops of open positions, and what strategies leave where it is. */
export function sparedAtStop(portfolio: Portfolio, strategies: Pick<StrategyHost, 'keeps'>): Spares {
  const isProtection = protectionOf(portfolio);
  return (order) => isProtection(order) || strategies.keeps?.(order.symbol) === true;
}
