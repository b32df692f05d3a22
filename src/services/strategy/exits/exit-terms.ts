import { Decimal } from '../../../domain/decimal.js';
import { fault } from '../../../domain/errors.js';
import { UNIT_MS } from '../../../domain/time-spans.js';
import type { Price } from '../define/price.js';

/** A multiple of the first risk: the distance from the average entry to the stop that the position began with. */
export interface R {
  readonly r: number;
}
export const r = (multiple: number): R => Object.freeze({ r: multiple });

/** How far: in price, in a share of the price, or in multiples of the risk that the entry took. */
export type Distance = { readonly price: Price } | `${number}%` | `${number}bps` | R;
/** A length of time, or a number of bars of the strategy's own timeframe. */
export type Timeout = `${number}${'ms' | 's' | 'm' | 'h' | 'd'}` | '1 bar' | `${number} bars`;

/** A stop that follows the best mark the strategy was shown. Never away from the market. */
export interface Trail {
  /** Distance from the best mark since it began. */
  readonly by: Distance;
  /** Begins when this is reached; absent: at once. */
  readonly after?: Price | R;
  /** Smallest move worth an order. Default one tick. */
  readonly step?: Distance;
}

/** A stop that is brought to the entry once the position is far enough ahead. */
export interface BreakEven {
  readonly after: Price | R;
  /** Beyond the entry, towards profit. Default: the fees of both trades. */
  readonly offset?: Distance;
}

/** How a position is left, beside its stop. */
export interface MovingExits {
  readonly trail?: Trail;
  readonly breakEven?: BreakEven;
  /** From the first fill; then closed at market. */
  readonly timeStop?: Timeout;
}

/** Distances in ticks, where entry and risk are known. */
export interface ExitGround {
  /** Average price of the entry, in ticks. */
  readonly entry: number;
  /** What the entry risked, in ticks. */
  readonly risk: number;
  /** Ticks of one unit of price. */
  readonly perPrice: number;
}

export const isR = (value: unknown): value is R =>
  typeof value === 'object' && value !== null && typeof (value as Partial<R>).r === 'number';

const SHARE = /^(\d+(?:\.\d+)?)(%|bps)$/;
const BARS = /^([1-9]\d*) bars?$/;
const SPAN = /^([1-9]\d*)(ms|s|m|h|d)$/;

/** In ticks; a share is of `price`. Throws STRAT-001 for what is no distance. */
export function distanceOf(distance: Distance, price: number, { risk, perPrice }: ExitGround): number {
  if (isR(distance)) return positive(distance.r, distance) * risk;
  if (typeof distance === 'object') return positive(numberOf(distance.price), distance) * perPrice;
  const [, size, unit] = SHARE.exec(distance) ?? [];
  if (size === undefined) throw noDistance(distance);
  return (positive(Number(size), distance) / (unit === '%' ? 100 : 10_000)) * price;
}

/** A price in ticks, or a multiple of the risk ahead of the entry. `side` is 1 for a long. */
export function levelOf(level: Price | R, side: 1 | -1, { entry, risk, perPrice }: ExitGround): number {
  return isR(level) ? entry + side * level.r * risk : positive(numberOf(level), level) * perPrice;
}

/** Throws STRAT-001 for what is no length of time. */
export function timeoutOf(timeout: Timeout): { readonly ms: number } | { readonly bars: number } {
  const [, bars] = BARS.exec(timeout) ?? [];
  if (bars !== undefined) return { bars: Number(bars) };
  const [, count, unit = ''] = SPAN.exec(timeout) ?? [];
  if (count !== undefined) return { ms: Number(count) * (UNIT_MS[unit] ?? Number.NaN) };
  throw fault(
    'STRAT-001',
    `A length of time must be a duration such as 90m or '24 bars', was ${JSON.stringify(timeout)}.`,
  );
}

/** Reads everything once, so that what cannot be carried out fails where it is asked. */
export function assertExits({ trail, breakEven, timeStop }: MovingExits, ground: ExitGround): void {
  if (trail !== undefined) {
    distanceOf(trail.by, ground.entry, ground);
    if (trail.step !== undefined) distanceOf(trail.step, ground.entry, ground);
    if (trail.after !== undefined) levelOf(trail.after, 1, ground);
  }
  if (breakEven !== undefined) {
    levelOf(breakEven.after, 1, ground);
    if (breakEven.offset !== undefined) distanceOf(breakEven.offset, ground.entry, ground);
  }
  if (timeStop !== undefined) timeoutOf(timeStop);
}

const numberOf = (price: Price): number => (Decimal.isDecimal(price) ? price.toNumber() : price);

function positive(value: number, said: unknown): number {
  if (Number.isFinite(value) && value > 0) return value;
  throw noDistance(said);
}

const noDistance = (said: unknown): Error =>
  fault(
    'STRAT-001',
    `A distance must be above zero: { price }, text such as 2% or 50bps, or r(1), was ${JSON.stringify(said)}.`,
  );
