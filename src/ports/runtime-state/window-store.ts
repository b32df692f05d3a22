import type { Decimal } from '../../domain/decimal.js';
import type { Instrument } from '../../domain/instrument.js';
import type { MarkUnits } from '../../domain/units.js';
import { token } from '../../injection/token.js';

/** Newest marks of one instrument, oldest dropped first. A view: it changes under its reader. */
export interface MarkWindow {
  readonly instrument: Instrument;
  readonly length: number;
  readonly capacity: number;
  /** Marks ever appended. */
  readonly count: number;
  /** Newest mark, or undefined before the first. */
  readonly last: MarkUnits | undefined;
  readonly lastAt: number | undefined;
  /** `at(0)` is the newest. Throws RangeError beyond the window. */
  at(back: number): MarkUnits;
}

/**
 * Mark windows of every symbol, trimmed to `max(long, short) + 5` unless a strategy declares more.
 * Writing belongs under the mark lock.
 */
export interface WindowStore {
  /** Makes the window if it is missing; a larger capacity keeps its content. */
  ensure(instrument: Instrument, capacity: number): MarkWindow;
  /** Window of a symbol, or undefined when the symbol is not traded. */
  find(symbol: string): MarkWindow | undefined;
  /** Throws CFG-007 for an unknown symbol. */
  append(symbol: string, mark: MarkUnits, at: number): void;
  /**
   * Several in order, where nobody reads between them: rows `from` to before `to` of a column, each of `scale` mark
   * units, the last at `at`.
   */
  appendAll(symbol: string, prices: Float64Array, scale: number, from: number, to: number, at: number): void;
  drop(symbol: string): void;
  /** Oldest first, as decimals; empty for an unknown symbol. */
  read(symbol: string): Decimal[];
  symbols(): readonly string[];
}
export const WindowStore = token<WindowStore>('WindowStore');
