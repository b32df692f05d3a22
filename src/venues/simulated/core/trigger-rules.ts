import type { OrderRequest, OrderType } from '../../../domain/order.js';
import { marks, mulDiv, type MarkUnits } from '../../../domain/units.js';

/** Basis points in a whole. */
export const BPS = 10_000;
const CONDITIONAL: ReadonlySet<OrderType> = new Set([
  'stop_market',
  'stop_limit',
  'take_profit_market',
  'take_profit_limit',
  'trailing_stop',
]);
const TAKE_PROFIT: ReadonlySet<OrderType> = new Set(['take_profit_market', 'take_profit_limit']);

/** The type waits for a trigger. */
export const isConditional = (type: OrderType): boolean => CONDITIONAL.has(type);

/**
 * It fires when its reference rises to its level; else when it falls to it. A stop buy rises, a take-profit buy falls.
 */
export const firesRising = ({ type, side }: OrderRequest): boolean => (side === 'buy') !== TAKE_PROFIT.has(type);

/** A level is reached at it or beyond; an unknown reference or level reaches nothing. Both in mark units. */
export const reaches = (reference: number, level: number, rising: boolean): boolean =>
  rising ? reference >= level : reference <= level;

/**
 * Level of a trailing stop whose best price is `best`, exact: a buy fires once the reference has risen by the whole
 * distance, so its level is rounded up; a sell once it has fallen by it, so down.
 */
export function trailingLevel(best: number, trailBps: number, rising: boolean): MarkUnits {
  return marks(rising ? mulDiv(best, BPS + trailBps, BPS, 'ceil') : mulDiv(best, BPS - trailBps, BPS, 'floor'));
}
