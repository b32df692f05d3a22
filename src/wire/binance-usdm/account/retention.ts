import { DAY_MS } from '../../../domain/time-spans.js';
import { AlgoOrder, type WireOrder } from './wire-order.js';

/** Source: Binance, "Query Order": ended without a fill, by the time that they came in. */
const UNFILLED_MS = 3 * DAY_MS;
/** Source: Binance, "Query Order". */
const ORDER_MS = 90 * DAY_MS;
/** Three months, the shortest there are. Source: Binance, "Account Trade List" and "Get Income History". */
export const MONEY_MS = 89 * DAY_MS;

/** Whether the venue no longer knows of it. What is open it knows, however old. */
export function isForgotten(order: WireOrder | AlgoOrder, now: number): boolean {
  const placed = order instanceof AlgoOrder ? order.child : order;
  if (order.isOpen || placed?.isOpen === true) return false;
  const hasFilled = placed !== undefined && placed.filled > 0;
  return now - order.createdAt > (hasFilled ? ORDER_MS : UNFILLED_MS);
}
