import type { Block } from './kinds.js';
import type { SeriesId } from './manifest.js';
import type { TimeRange } from './quality.js';

/** What a run must know of a series before it reads it. */
export interface SeriesFacts extends SeriesId {
  /** What prices and sizes are whole multiples of, in decimal text. */
  readonly tick: string;
  readonly step: string;
  /** The tick an instrument gets that nobody described; absent: `tick`. */
  readonly inferredTick?: string;
  readonly first: number;
  readonly last: number;
  /** Known when the series has been read. */
  readonly gaps: readonly TimeRange[];
  /** Where it was written down. */
  readonly fingerprint?: string;
}

export interface ShelfSpan {
  /** Epoch milliseconds: the first instant, and the first that is not included any more. */
  readonly from?: number;
  readonly to?: number;
  /** In memory that threads share. */
  readonly shared?: boolean;
}

/** Where feeds are made from: a catalog on disk, or files that were read for one run. */
export interface SeriesShelf {
  list(): readonly SeriesFacts[];
  /** Rows in one piece of memory, which the caller may change. */
  read(series: SeriesFacts, span?: ShelfSpan): Promise<Block>;
}
