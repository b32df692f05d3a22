import type { BarSource } from '../ports/core-services/bar-source.js';
import type { BarView, FundingStamp } from '../ports/core-services/simulated-exchange.js';
import { ColumnBarView, type BarColumns } from './bar-columns.js';

/**
 * A recorded market over columns, for the paper world's driver. Every pass begins at the first bar and reuses one view.
 */
export class RecordedMarket implements BarSource {
  readonly symbol: string;
  readonly intervalMs: number;
  readonly bars: Iterable<BarView>;
  declare readonly fundings?: readonly FundingStamp[];

  constructor(columns: BarColumns, fundings?: readonly FundingStamp[]) {
    this.symbol = columns.symbol;
    this.intervalMs = columns.intervalMs;
    this.bars = { [Symbol.iterator]: () => walk(columns) };
    if (fundings !== undefined) this.fundings = fundings;
  }
}

function* walk(columns: BarColumns): Generator<BarView> {
  const view = new ColumnBarView(columns);
  for (let index = 0; index < columns.length; index += 1) yield view.moveTo(index);
}
