import { protects } from '../../domain/order-state.js';
import type { Order } from '../../domain/order.js';
import type { Position } from '../../domain/position.js';
import type { Portfolio } from '../../ports/runtime-state/portfolio.js';
import type { HeldPosition, LiveOrder } from '../../ports/core-services/operator-control.js';

/** Positions that are open, as a person is told them. */
export function heldPositions(portfolio: Portfolio): HeldPosition[] {
  return [...portfolio.positions()]
    .filter((position) => !position.isFlat)
    .map((position) => heldPosition(position, portfolio));
}

function heldPosition({ instrument, size, lots, entryPrice }: Position, portfolio: Portfolio): HeldPosition {
  const mark = portfolio.lastMark(instrument.symbol);
  return {
    symbol: instrument.symbol,
    side: lots > 0 ? 'long' : 'short',
    size: size.abs().toString(),
    entryPrice: entryPrice?.toString() ?? null,
    markPrice: mark === undefined ? null : instrument.markPrice(mark).toString(),
  };
}

export function liveOrder({ request, filled, status }: Order): LiveOrder {
  const { clientId, symbol, side, type, size, price, stopPrice, reduceOnly, instrument } = request;
  return {
    clientId,
    symbol,
    side,
    type,
    size: size.toString(),
    filled: instrument.size(filled).toString(),
    price: price?.toString() ?? null,
    stopPrice: stopPrice?.toString() ?? null,
    reduceOnly,
    protects: protects(request),
    status,
  };
}
