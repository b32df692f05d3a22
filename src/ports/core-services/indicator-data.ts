import type { Decision } from '../../domain/decision.js';
import type { MarketSnapshot } from '../../domain/market.js';
import { token } from '../../injection/token.js';

/**
 * What strategies need of a venue beyond the marks: depth, and closed candles for the entry filters. Fetched before a
 * step, read during it, so that deciding stays synchronous. What could not be fetched is absent, never old.
 */
export interface IndicatorData {
  /** Brings one symbol up to date; cheap when nothing is due. Never rejects: a failure is logged and leaves a gap. */
  refresh(symbol: string): Promise<void>;
  /** False when nothing is ever fetched for the symbol under the configuration in force. Absent: not known. */
  needs?(symbol: string): boolean;
  /** Undefined when the venue offers none, or when the newest one is too old. */
  snapshot(symbol: string, now: number): MarketSnapshot | undefined;
  /**
   * The hold that the symbol's entry filters put in place of a buy; undefined when they let it pass or there are none.
   */
  entryBlock(symbol: string, now: number): Decision | undefined;
}
export const IndicatorData = token<IndicatorData>('IndicatorData');
