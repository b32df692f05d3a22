import type { MarkUnits } from '../../domain/units.js';
import { token } from '../../injection/token.js';
import type { BarView, FundingStamp } from './simulated-exchange.js';

/** What was recorded of the venue's own mark or index, in mark units; NaN: from here on nobody tells it. */
export interface RecordedPrice {
  readonly kind: 'mark' | 'index';
  readonly at: number;
  readonly price: MarkUnits;
}

/** Recorded bars of one instrument, oldest first, for a market that is replayed. */
export interface BarSource {
  readonly symbol: string;
  readonly intervalMs: number;
  /** May reuse one view: a bar is good until the next is asked for. */
  readonly bars: Iterable<BarView>;
  /** What the venue asked for holding it; absent: not known, and funding falls due at no known rate. */
  readonly fundings?: readonly FundingStamp[];
  /** The venue's own prices, oldest first, the mark before the index of its instant; absent: none were recorded. */
  readonly prices?: Iterable<RecordedPrice>;
}
export const BarSource = token<BarSource>('BarSource');
