import { quantile, sorted } from '../statistics/moments.js';

export const PERCENTILES = [5, 25, 50, 75, 95] as const;

/** What one run is compared by. Doubles: they describe, they do not book. */
export interface RunFigures {
  /** Profit in settlement currency. */
  readonly net: number;
  /** Positive fraction of a peak. */
  readonly maxDrawdown: number;
  /** Yearly; undefined where there was too little to say. */
  readonly sharpe: number | undefined;
}

/** One figure over all runs, and where the actual run lies among them. */
export interface Spread {
  /** At `PERCENTILES`; NaN without a run that has the figure. */
  readonly percentiles: readonly number[];
  /** Runs that have the figure. */
  readonly runs: number;
  readonly actual: number | undefined;
  /**
   * Share of the runs below the actual run, equal ones counted as half; undefined where there is nothing to compare.
   */
  readonly below: number | undefined;
}

export interface Distribution {
  readonly runs: number;
  readonly net: Spread;
  readonly maxDrawdown: Spread;
  readonly sharpe: Spread;
  /** Share of the runs that lost money; undefined without a run. */
  readonly lossShare: number | undefined;
}

export interface FigureColumns {
  readonly net: readonly number[];
  readonly maxDrawdown: readonly number[];
  /** Of the runs that have one. */
  readonly sharpe: readonly number[];
}

export const columnsOf = (runs: readonly RunFigures[]): FigureColumns => ({
  net: runs.map(({ net }) => net),
  maxDrawdown: runs.map(({ maxDrawdown }) => maxDrawdown),
  sharpe: runs.flatMap(({ sharpe }) => sharpe ?? []),
});

export function distributionOf(columns: FigureColumns, actual: RunFigures): Distribution {
  const { net } = columns;
  return {
    runs: net.length,
    net: spreadOf(net, actual.net),
    maxDrawdown: spreadOf(columns.maxDrawdown, actual.maxDrawdown),
    sharpe: spreadOf(columns.sharpe, actual.sharpe),
    lossShare: net.length === 0 ? undefined : net.filter((value) => value < 0).length / net.length,
  };
}

/** Sums of the same profits in another order differ in their last digits: what is closer than this is equal. */
const SAME = 1e-9;

function spreadOf(values: readonly number[], actual: number | undefined): Spread {
  const ascending = sorted(values);
  const percentiles = PERCENTILES.map((percentile) => quantile(ascending, percentile / 100));
  if (actual === undefined || ascending.length === 0)
    return { percentiles, runs: ascending.length, actual, below: undefined };
  const reach = Math.max(1, Math.abs(actual)) * SAME;
  const less = ascending.filter((value) => value < actual - reach).length;
  const equal = ascending.filter((value) => Math.abs(value - actual) <= reach).length;
  return { percentiles, runs: ascending.length, actual, below: (less + equal / 2) / ascending.length };
}
