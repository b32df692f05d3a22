import type { MarkLock } from '../runtime-state/mark-lock.js';
import type { WindowStore } from '../runtime-state/window-store.js';
import type { Decimal } from '../../domain/decimal.js';
import type { MarkUnits } from '../../domain/units.js';
import { token } from '../../injection/token.js';

/** Prices of one symbol at one instant. */
export interface ToldPrices {
  readonly last?: Decimal;
  readonly bid?: Decimal;
  readonly ask?: Decimal;
  readonly mark?: Decimal;
  readonly index?: Decimal;
}

/** Keeps every instrument's mark window current, by polling; streaming and history enter through the same door. */
export interface MarketData {
  /** The shared instances, for those who check that they are shared. */
  readonly markLock: MarkLock;
  readonly windows: WindowStore;
  /**
   * Polls every symbol, several at a time. One symbol's failure is logged and never stops the others. Writes no events.
   */
  updateMarks(signal?: AbortSignal): Promise<void>;
  /**
   * One mark into window, freshness and portfolio (the seed's `_update_mark_window`). Synchronous, allocates nothing.
   */
  acceptMark(symbol: string, mark: MarkUnits, at: number): void;
  /**
   * The same of several marks, in order, where nobody looks between them: `prices` from row `from` to before row `to`,
   * each of `scale` mark units, the last one seen at `at`. Absent: `acceptMark` alone.
   */
  acceptMarks?(symbol: string, prices: Float64Array, scale: number, from: number, to: number, at: number): void;
  /**
   * What the venue tells beside the mark of the window: limits and collars are measured by the worse of them, and the
   * position is valued at `mark`. What is not positive is not known. A crossed quote holds entries until it is none.
   */
  acceptPrices(symbol: string, prices: ToldPrices, at: number): void;
  /** One of those alone, counted already. Allocates nothing. Absent: nobody asks for it. */
  acceptPrice?(symbol: string, kind: 'mark' | 'index', price: MarkUnits, at: number): void;
  /**
   * Best bid and ask have crossed, or do no longer: entries are held meanwhile, as by `acceptPrices`. Absent: nobody
   * asks for it.
   */
  acceptCrossing?(symbol: string, crossed: boolean): void;
  /**
   * What is known of these symbols may be wrong: after a gap or silence of a stream. They count as never updated, so
   * that nothing that can increase is sent, until a value comes that is newer than this doubt.
   */
  distrust(symbols: readonly string[]): void;
  /** Fills windows and series from the venue's recent closed candles, so that the first decision does not wait. */
  warmUp(signal?: AbortSignal): Promise<void>;
  /** Makes windows for added symbols, drops those of removed ones. */
  setSymbols(symbols: readonly string[]): void;
}
export const MarketData = token<MarketData>('MarketData');
