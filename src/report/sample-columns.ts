import { FINEST_UNIT, type MoneyUnit } from '../domain/instrument.js';
import type { Samples } from './run-record.js';

/** Most samples that are kept, whatever the length of the run. Even, because full columns are halved. */
export const MOST_SAMPLES = 4_096;

/** How a column is thinned: the newest of two, the smaller, the larger. Comparisons leave NaN (not known) out. */
type Thinning = 'last' | 'least' | 'most';

const THINNING = {
  at: 'last',
  equity: 'last',
  low: 'least',
  high: 'most',
  mark: 'last',
  lots: 'last',
  gross: 'most',
  net: 'last',
  leverage: 'most',
  margin: 'most',
  distance: 'least',
  divergence: 'most',
} as const satisfies Record<string, Thinning>;
type Name = keyof typeof THINNING;
const NAMES = Object.keys(THINNING) as Name[];

/** What one step was like. One object, filled in anew at every step. */
export type Step = Record<Name, number>;

export const emptyStep = (): Step => Object.fromEntries(NAMES.map((name) => [name, NaN])) as Step;

/**
 * Steps in bounded memory. Each sample stands for the same number of steps; when the columns are full, neighbours are
 * merged and that number doubles. Extremes survive merging. Allocates nothing after construction.
 */
export class SampleColumns {
  private readonly columns = Object.fromEntries(NAMES.map((name) => [name, new Float64Array(MOST_SAMPLES)])) as Record<
    Name,
    Float64Array
  >;
  private length = 0;
  private every = 1;
  /** Steps in the newest sample. */
  private inLast = 0;

  add(step: Step): void {
    if (this.inLast === this.every || this.length === 0) {
      if (this.length === MOST_SAMPLES) this.halve();
      if (this.inLast === this.every || this.length === 0) {
        this.begin(step);
        return;
      }
    }
    for (const name of NAMES) {
      const column = this.columns[name];
      column[this.length - 1] = merged(THINNING[name], column[this.length - 1] as number, step[name]);
    }
    this.inLast += 1;
  }

  /** `finest`: how many of the finest units, in which a record holds money, the account's unit is. */
  toSamples(finest: number): Samples {
    const plain = (name: Name): number[] => [...this.columns[name].subarray(0, this.length)];
    const money = (name: Name): number[] => (finest === 1 ? plain(name) : plain(name).map((value) => value * finest));
    const open = (name: Name): (number | null)[] => plain(name).map((value) => (Number.isNaN(value) ? null : value));
    return {
      every: this.every,
      at: plain('at'),
      equity: money('equity'),
      low: money('low'),
      high: money('high'),
      mark: open('mark'),
      lots: open('lots'),
      gross: money('gross'),
      net: money('net'),
      leverage: plain('leverage').map(short),
      margin: plain('margin').map(short),
      distance: open('distance').map((value) => (value === null ? null : short(value))),
      divergence: open('divergence').map((value) => (value === null ? null : short(value))),
    };
  }

  private begin(step: Step): void {
    for (const name of NAMES) this.columns[name][this.length] = step[name];
    this.length += 1;
    this.inLast = 1;
  }

  private halve(): void {
    for (const name of NAMES) {
      const column = this.columns[name];
      for (let i = 0; i < MOST_SAMPLES / 2; i += 1)
        column[i] = merged(THINNING[name], column[2 * i] as number, column[2 * i + 1] as number);
    }
    this.length = MOST_SAMPLES / 2;
    this.inLast = this.every * 2;
    this.every *= 2;
  }
}

/** A record holds money as whole 10^-8, whatever the account's own unit: beyond 2^53 they are read to 16 digits. */
export const finestIn = (unit: MoneyUnit): number => FINEST_UNIT.perSettle / unit.perSettle;

/** Ratios are shown, not settled: seven digits are plenty in a file. */
const short = (value: number): number => (Number.isFinite(value) ? Number(value.toPrecision(7)) : 0);

function merged(thinning: Thinning, before: number, next: number): number {
  if (thinning === 'last') return next;
  if (Number.isNaN(before)) return next;
  if (Number.isNaN(next)) return before;
  return thinning === 'least' ? Math.min(before, next) : Math.max(before, next);
}
