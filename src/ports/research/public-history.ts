import type { InstrumentSpec } from '../../domain/instrument.js';
import { token } from '../../injection/token.js';

/** What a venue publishes of its past, by kind. */
export type HistoryKind = 'bars' | 'trades' | 'mark' | 'index' | 'funding';

export interface HistoryQuery {
  readonly kind: HistoryKind;
  /** As the venue's library spells it. */
  readonly symbol: string;
  /** Of bars, and of the candles that marks are taken from. */
  readonly intervalMs: number;
  /** First instant wanted (epoch ms). */
  readonly since: number;
}

/**
 * One row, its numbers as decimal text. `at` is the open of a candle and the instant of everything else; `fields` are
 * open, high, low, close, volume for bars; close for mark and index; price, size, side (`buy`, `sell` or empty), id for
 * trades; rate for funding.
 */
export interface HistoryRow {
  readonly at: number;
  readonly fields: readonly string[];
}

/** A venue's public past, page by page. Throws VENUE-002 where asking again may help, VENUE-003 where it will not. */
export interface PublicHistory {
  readonly venue: string;
  /** What is known of the product. */
  instrument(symbol: string): Promise<InstrumentSpec>;
  /** The next rows at or after `since`, oldest first; none when there are none in the span that one page covers. */
  page(query: HistoryQuery): Promise<readonly HistoryRow[]>;
  /** Rows that one page holds at most: a shorter one was the end of what there is. */
  readonly pageRows: number;
  /** Milliseconds that one page of this kind can cover at most: what an empty page rules out. */
  pageSpan(query: HistoryQuery): number;
  close(): Promise<void>;
}
export const PublicHistory = token<PublicHistory>('PublicHistory');
