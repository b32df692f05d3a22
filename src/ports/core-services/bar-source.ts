import { token } from '../../injection/token.js';
import type { BarView, FundingStamp } from './simulated-exchange.js';

/** Recorded bars of one instrument, oldest first, for a market that is replayed. */
export interface BarSource {
  readonly symbol: string;
  readonly intervalMs: number;
  /** May reuse one view: a bar is good until the next is asked for. */
  readonly bars: Iterable<BarView>;
  /** What the venue asked for holding it; absent: not known, and funding falls due at no known rate. */
  readonly fundings?: readonly FundingStamp[];
}
export const BarSource = token<BarSource>('BarSource');
