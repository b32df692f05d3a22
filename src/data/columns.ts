import type { BarColumns } from './bar-columns.js';

/** Kinds of recorded data. */
export const DATA_KINDS = ['bars', 'trades', 'quotes', 'depth', 'mark', 'index', 'funding'] as const;
export type DataKind = (typeof DATA_KINDS)[number];

/**
 * What every recorded stream has: one instrument, rows oldest first, times in epoch milliseconds (fractions allowed).
 */
interface Rows {
  readonly symbol: string;
  readonly length: number;
  readonly at: Float64Array;
}

/** Public trades. Prices in ticks, sizes in lots. */
export interface TradeColumns extends Rows {
  readonly price: Float64Array;
  readonly size: Float64Array;
  /** Side of the aggressor: 1 bought, -1 sold, 0 not known. */
  readonly side: Int8Array;
}

/** Best prices with their sizes, in ticks and lots. */
export interface QuoteColumns extends Rows {
  readonly bid: Float64Array;
  readonly bidLots: Float64Array;
  readonly ask: Float64Array;
  readonly askLots: Float64Array;
}

export const DEPTH_SNAPSHOT = 1;
export const DEPTH_LAST = 2;

/** Levels of the book, one a row: what the level holds from now on, 0 for none. Ticks and lots. */
export interface DepthColumns extends Rows {
  /** 1 a bid, -1 an ask. */
  readonly side: Int8Array;
  readonly price: Float64Array;
  readonly size: Float64Array;
  /** `DEPTH_SNAPSHOT` on the first row of a snapshot, `DEPTH_LAST` on the last row of every message. */
  readonly flags: Uint8Array;
}

/** Mark or index prices, in the instrument's mark units. */
export interface PriceColumns extends Rows {
  readonly price: Float64Array;
}

/** Funding stamps: the rate as an integer of RATE_SCALE, NaN where none is known. */
export interface FundingColumns extends Rows {
  readonly rate: Float64Array;
}

/** One recorded stream of one instrument. Columns may lie over shared memory: nobody writes them. */
export type Feed =
  | { readonly kind: 'bars'; readonly columns: BarColumns }
  | { readonly kind: 'trades'; readonly columns: TradeColumns }
  | { readonly kind: 'quotes'; readonly columns: QuoteColumns }
  | { readonly kind: 'depth'; readonly columns: DepthColumns }
  | { readonly kind: 'mark' | 'index'; readonly columns: PriceColumns }
  | { readonly kind: 'funding'; readonly columns: FundingColumns };

/** Whole milliseconds: fractions order the rows of a file, clocks do not have them. Infinite past the last row. */
export const instantOf = (columns: { readonly length: number; readonly at: Float64Array }, row: number): number =>
  row < columns.length ? Math.floor(columns.at[row] as number) : Number.POSITIVE_INFINITY;
