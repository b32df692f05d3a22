import type { RunWatcher } from '../../backtest/pump-services.js';
import type { BarColumns } from '../../data/bar-columns.js';
import { barCloseAt, DAY_MS } from '../../domain/time-spans.js';

/**
 * Equity at the last close of each UTC day, read after the cycle of that bar. The closes are known before the run, so
 * that a bar costs one comparison.
 */
export class DailyEquity implements RunWatcher {
  private readonly closes: Float64Array;
  private readonly values: Float64Array;
  private next = 0;

  /** `from`: bars that open before it are warm-up and are not sampled. */
  constructor(
    columns: BarColumns,
    from: number,
    private readonly portfolio: { readonly equity: number },
  ) {
    this.closes = Float64Array.from(lastCloses(columns, from));
    this.values = new Float64Array(this.closes.length + 1);
    this.values[0] = portfolio.equity;
  }

  step(closeAt: number): void {
    if (closeAt === this.closes[this.next]) this.values[(this.next += 1)] = this.portfolio.equity;
  }

  /** Start and the days that were reached. */
  taken(): Float64Array {
    return this.values.subarray(0, this.next + 1);
  }
}

function* lastCloses({ openAt, length, intervalMs }: BarColumns, from: number): Generator<number> {
  // A close at midnight belongs to the day that ends.
  const closeOf = (index: number): number => barCloseAt(openAt[index] as number, intervalMs);
  const dayOf = (index: number): number => Math.ceil(closeOf(index) / DAY_MS);
  for (let i = 0; i < length; i += 1) {
    if ((openAt[i] as number) < from) continue;
    if (i + 1 === length || dayOf(i + 1) !== dayOf(i)) yield closeOf(i);
  }
}
