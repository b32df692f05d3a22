import type { PumpServices } from '../pump-services.js';

/**
 * Order of what happens at one instant: bars that close then, the strategies' step, and after it what the instant
 * itself brings. Funding stamps come before everything of their instant: the exchange sees to that.
 */
export const RANK = { bars: 0, mark: 1, index: 2, depth: 3, quotes: 4, trades: 5 } as const;

/** One recorded stream on its way through time. */
export interface Cursor {
  readonly symbol: string;
  readonly rank: number;
  /** Place of its feed among those given: the last word between equals. */
  readonly place: number;
  /** When its next event happens, in whole milliseconds; infinite at the end. */
  at: number;
  /** Makes the event happen at the exchange and lets the bot see its price; moves on to the next. */
  play(): void;
  /**
   * Plays at most `most` events that happen before `until` and concern nobody, as one. Returns how many; absent: none.
   */
  skim?(until: number, most: number): number;
  /** When the last event was that `skim` has played. */
  readonly skimmedAt?: number;
}

/** What cursors need of the bot. */
export type Stage = Pick<PumpServices, 'exchange' | 'marketData' | 'series'>;
