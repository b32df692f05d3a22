import type { TriggerPrice } from '../../../../domain/order.js';
import type { Timeout, Distance } from '../../exits/exit-terms.js';
import type { Price } from '../price.js';

/** How an entry gets in: made by `limit`, `stopEntry` or `chase`; without one it goes to the market. */
export type Entry = LimitEntry | StopEntry | ChaseEntry;

export interface LimitEntry {
  readonly kind: 'limit';
  readonly price: Price;
  readonly postOnly?: boolean;
  /** From its acceptance; in bars, with the close of the nth after that of the decision. */
  readonly timeout?: Timeout;
  /** What becomes of the rest at the timeout. Default `cancel`. */
  readonly then?: 'cancel' | 'market';
}

export interface StopEntry {
  readonly kind: 'stop';
  readonly price: Price;
  /** A stop-limit order with this limit. */
  readonly limit?: Price;
  readonly triggerBy?: TriggerPrice;
  readonly timeout?: Timeout;
}

/** A post-only limit that follows the mark of the steps, on its passive side. */
export interface ChaseEntry {
  readonly kind: 'chase';
  /** Ticks behind the mark. Default 0. */
  readonly offsetTicks?: number;
  /** Not moved more often than this. Default 1s. */
  readonly every?: Timeout;
  /** Furthest from the first price; beyond it the order stays where it is. */
  readonly limit?: Distance;
  readonly timeout: Timeout;
  readonly then?: 'cancel' | 'market';
}

export const limit = (price: Price, options: Omit<LimitEntry, 'kind' | 'price'> = {}): LimitEntry =>
  Object.freeze({ kind: 'limit', price, ...options });
export const stopEntry = (price: Price, options: Omit<StopEntry, 'kind' | 'price'> = {}): StopEntry =>
  Object.freeze({ kind: 'stop', price, ...options });
export const chase = (options: Omit<ChaseEntry, 'kind'>): ChaseEntry => Object.freeze({ kind: 'chase', ...options });
