import { protects } from '../domain/order-state.js';
import type { Spares } from '../ports/core-services/execution.js';
import type { Portfolio } from '../ports/runtime-state/portfolio.js';

/** Spares the stops of positions that are open. */
export const protectionOf =
  (portfolio: Portfolio): Spares =>
  (order) => {
    if (!protects(order)) return false;
    for (const { instrument, lots } of portfolio.positions())
      if (instrument.symbol === order.symbol) return order.side === 'sell' ? lots > 0 : lots < 0;
    return false;
  };
