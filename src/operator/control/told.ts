import { protects } from '../../domain/order-state.js';
import { coveredLots } from '../../flow/covered-lots.js';
import type { Order } from '../../domain/order.js';
import type { Position } from '../../domain/position.js';
import { lots, units, type Lots } from '../../domain/units.js';
import type { OrderLog } from '../../ports/core-services/execution.js';
import type { MarkFreshness } from '../../ports/runtime-state/mark-freshness.js';
import type { Portfolio } from '../../ports/runtime-state/portfolio.js';
import type { HeldPosition, LiveOrder, TakenOff } from '../../ports/core-services/operator-control.js';

/** Positions that are open, as a person is told them. */
export function heldPositions(
  portfolio: Portfolio,
  log: Pick<OrderLog, 'open' | 'find'>,
  freshness?: Pick<MarkFreshness, 'lastUpdate'>,
): HeldPosition[] {
  return [...portfolio.positions()]
    .filter((position) => !position.isFlat)
    .map((position) => ({
      ...heldPosition(position, portfolio, stopLots(position, log)),
      ...(freshness === undefined ? {} : { markAt: freshness.lastUpdate(position.instrument.symbol) ?? null }),
    }));
}

/** A stop that the venue holds, as it should. */
export const isStanding = ({ request, status }: Pick<Order, 'request' | 'status'>): boolean =>
  (status === 'open' || status === 'partially_filled') && protects(request);

/** Of stops on the way, or of unknown outcome, nobody may be told that they protect. */
function stopLots({ instrument: { symbol }, lots: held }: Position, log: Pick<OrderLog, 'open' | 'find'>): Lots {
  const covered = log
    .open()
    .filter((order) => {
      const { request } = order;
      return isStanding(order) && request.symbol === symbol && request.side === (held > 0 ? 'sell' : 'buy');
    })
    .reduce((sum, order) => sum + coveredLots(order, held, (clientId) => log.find(clientId)), 0);
  return lots(Math.min(covered, Math.abs(held)));
}

function heldPosition(position: Position, portfolio: Portfolio, stopped: Lots): HeldPosition {
  const { instrument, size, lots: held, entryPrice } = position;
  const mark = portfolio.lastMark(instrument.symbol);
  return {
    symbol: instrument.symbol,
    side: held > 0 ? 'long' : 'short',
    size: size.abs().toString(),
    entryPrice: entryPrice?.toString() ?? null,
    markPrice: mark === undefined ? null : instrument.markPrice(mark).toString(),
    stopSize: instrument.size(stopped).toString(),
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

/** Of an average that has no end. */
const DIGITS = 12;

/** What these orders of one side a symbol have filled. */
export function takenOff(orders: readonly Order[]): TakenOff[] {
  const filled = orders.filter((order) => order.filled > 0);
  const first = new Map(filled.map(({ request }) => [request.symbol, request]));
  return [...first.values()].map(({ symbol, side, instrument }) => {
    const own = filled.filter(({ request }) => request.symbol === symbol);
    const size = lots(own.reduce((sum, order) => sum + order.filled, 0));
    const value = units(own.reduce((sum, { filledNotional }) => sum + filledNotional, 0));
    return {
      symbol,
      side,
      size: instrument.size(size).toString(),
      averagePrice: instrument.fillPrice(value, size).toSignificantDigits(DIGITS).toString(),
    };
  });
}
