import type { Instrument } from '../../domain/instrument.js';
import type { MarkUnits } from '../../domain/units.js';
import { token } from '../../injection/token.js';
import type { BarView } from '../core-services/simulated-exchange.js';

/** What lay between a value of a series and the one before it. Prices in mark units, volume in base units. */
export interface ValueRange {
  readonly openAt: number;
  readonly closeAt: number;
  readonly open: MarkUnits;
  readonly high: MarkUnits;
  readonly low: MarkUnits;
  readonly close: MarkUnits;
  readonly volume: number;
}

/** Marks sampled at the strategy's interval: one value a cycle, closed bars only. A view: copy it if you keep it. */
export interface Series {
  readonly instrument: Instrument;
  readonly intervalMs: number;
  readonly length: number;
  readonly capacity: number;
  /** Values ever appended: two calls at the same count see the same series. */
  readonly count: number;
  /** `at(0)` is the current value. Throws RangeError beyond the series. */
  at(back: number): MarkUnits;
  /** Time of the current value; undefined while empty. */
  readonly lastAt: number | undefined;
  /**
   * The bar whose close is the newest value, where the source has bars; one object, moved along: it counts while its
   * `closeAt` is the time of the step.
   */
  readonly bar?: BarView | undefined;
  /** What lay before the value `back`, where it came with that: values of before this life do. */
  rangeAt?(back: number): ValueRange | undefined;
}

/** Series of every symbol. */
export interface SeriesStore {
  ensure(instrument: Instrument, intervalMs: number, capacity: number): Series;
  find(symbol: string): Series | undefined;
  append(symbol: string, value: MarkUnits, at: number, range?: ValueRange): void;
  /** Forgets the values of one symbol (its interval changed, or it is no longer traded). */
  drop(symbol: string): void;
  /** From now on the values of a symbol are closes of these bars, also where its series is not there yet. */
  attach?(symbol: string, bar: BarView): void;
}
export const SeriesStore = token<SeriesStore>('SeriesStore');
