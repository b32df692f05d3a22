import type { MarkUnits } from '../../domain/units.js';
import { token } from '../../injection/token.js';

/** What a venue tells of one symbol beside the mark of its window. */
export type PriceKind = 'last' | 'mid' | 'mark' | 'index';

export interface NamedPrice {
  readonly kind: PriceKind;
  readonly value: MarkUnits;
}

/**
 * Newest prices by symbol and kind, each with its own age: risk measures by the worse of the fresh ones. Written by
 * market data alone. Empty where nobody tells more than the mark of the window, as over recorded bars.
 */
export interface QuotePrices {
  readonly isEmpty: boolean;
  /** Keeps the newer one; an older one that arrives late changes nothing. */
  take(symbol: string, kind: PriceKind, value: MarkUnits, at: number): void;
  /** The best bid stands at or above the best ask (`crossed`), or does no longer. */
  cross(symbol: string, crossed: boolean): void;
  isCrossed(symbol: string): boolean;
  /** Undefined when not known or older than the limit. */
  fresh(symbol: string, kind: PriceKind, now: number, limitMs: number): MarkUnits | undefined;
  /** Every fresh price, in the order last, mid, mark, index. */
  all(symbol: string, now: number, limitMs: number): readonly NamedPrice[];
  forget(symbol: string): void;
}
export const QuotePrices = token<QuotePrices>('QuotePrices');
