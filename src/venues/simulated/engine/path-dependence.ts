import type { OrderRequest } from '../../../domain/order.js';
import type { Ticks } from '../../../domain/units.js';
import type { BarView } from '../../../ports/core-services/simulated-exchange.js';
import { accepts, type Market } from '../core/market.js';
import { onlyReduces } from '../core/request-kinds.js';
import { reaches, trailingLevel } from '../core/trigger-rules.js';
import type { WorkingOrder } from '../core/working-order.js';

/** The prices a path visits after the open. */
export type PricePath = readonly [Ticks, Ticks, Ticks];

/** When a leg of a bar's path ends: a third of its time each, the last just before its close. */
export const endOfLeg = ({ openAt, closeAt }: BarView, leg: number): number =>
  leg === 3 ? closeAt - 1 : openAt + Math.floor(((closeAt - openAt) * leg) / 3);

/** What else decides whether the way through a bar matters. */
export interface PathFacts {
  readonly takesPart: (order: WorkingOrder) => boolean;
  /** The fills of a bar share a volume. */
  readonly isLimited: boolean;
  /** A position is due for liquidation within the bar. Asked last: it may have to be searched for. */
  readonly isDue: () => boolean;
}

/**
 * Which extreme of the bar comes first may change what happens to our orders: two or more of them lie within it and
 * one depends on others or a liquidation does, or one rests after it has triggered, or the bar opened beyond one that
 * rests. Other entries alone do not: the path meets each from its far side and fills it at its own price, whichever way
 * it takes.
 */
export function hangsOnPath(market: Market, bar: BarView, { takesPart, isLimited, isDue }: PathFacts): boolean {
  const low = bar.low * market.instrument.marksPerTick;
  const high = bar.high * market.instrument.marksPerTick;
  let within = 0;
  let depends = isLimited || market.holdings.mode === 'isolated' || market.instrument.spec.kind === 'spot';
  for (const order of market.book.all()) {
    if (order.asleep || !takesPart(order) || !isWithin(order, low, high)) continue;
    const { request } = order;
    within += 1;
    if (order.isStop ? request.limit !== undefined : isMet(request, bar.open)) return true;
    depends ||= onlyReduces(request) || request.options !== undefined;
  }
  if (within === 0) return false;
  // What wakes an order may lie within the bar, and the order too.
  return market.book.sleeping.length > 0 || (depends && within > 1) || isDue();
}

/** The market stands at the limit or beyond it already (half a spread kept it from taking). */
const isMet = ({ side, limit }: OrderRequest, at: Ticks): boolean => limit !== undefined && accepts(side, limit, at);

/** Some order, sleeping ones included, trails. */
export function hasTrailing({ book }: Market): boolean {
  const trails = ({ request: { options } }: WorkingOrder): boolean => options?.trailBps !== undefined;
  return book.stops.some(trails) || book.sleeping.some(trails);
}

/** The bar reaches the order's limit, its trigger, or the best that its trailing level can become. In mark units. */
function isWithin(order: WorkingOrder, low: number, high: number): boolean {
  const { request, rising } = order;
  const { marksPerTick } = request.instrument;
  if (!order.isStop) {
    const limit = (request.limit ?? Number.NaN) * marksPerTick;
    return limit >= low && limit <= high;
  }
  const { trailBps, activation } = request.options ?? {};
  if (trailBps === undefined) return order.level >= low && order.level <= high;
  const extreme = rising ? low : high;
  const isActive = !Number.isNaN(order.best);
  if (!isActive && activation !== undefined && !reaches(extreme, activation * marksPerTick, !rising)) return false;
  const best = isActive ? (rising ? Math.min(order.best, low) : Math.max(order.best, high)) : extreme;
  return reaches(rising ? high : low, trailingLevel(best, trailBps, rising), rising);
}
