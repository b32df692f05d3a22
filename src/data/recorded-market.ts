import type { BarSource, RecordedPrice } from '../ports/core-services/bar-source.js';
import type { BarView, FundingStamp } from '../ports/core-services/simulated-exchange.js';
import { ColumnBarView, spanOf, type BarColumns } from './bar-columns.js';
import type { PriceColumns } from './columns.js';
import { PriceWalk } from './price-walk.js';

/** The venue's own prices beside bars. */
export interface PricesBeside {
  readonly mark?: PriceColumns;
  readonly index?: PriceColumns;
}

/**
 * A recorded market over columns, for the paper world's driver. Every pass begins at the first bar and reuses one view.
 */
export class RecordedMarket implements BarSource {
  readonly symbol: string;
  readonly intervalMs: number;
  readonly bars: Iterable<BarView>;
  declare readonly fundings?: readonly FundingStamp[];
  declare readonly prices?: Iterable<RecordedPrice>;

  constructor(columns: BarColumns, fundings?: readonly FundingStamp[], beside: PricesBeside = {}) {
    this.symbol = columns.symbol;
    this.intervalMs = columns.intervalMs;
    this.bars = { [Symbol.iterator]: () => walk(columns) };
    if (fundings !== undefined) this.fundings = fundings;
    if (beside.mark !== undefined || beside.index !== undefined)
      this.prices = { [Symbol.iterator]: () => tell(beside, spanOf(columns).to) };
  }
}

function* walk(columns: BarColumns): Generator<BarView> {
  const view = new ColumnBarView(columns);
  for (let index = 0; index < columns.length; index += 1) yield view.moveTo(index);
}

function* tell({ mark, index }: PricesBeside, until: number): Generator<RecordedPrice> {
  const marked = mark === undefined ? undefined : new PriceWalk(mark, until);
  const indexed = index === undefined ? undefined : new PriceWalk(index, until);
  for (;;) {
    const kind = (marked?.at ?? Infinity) <= (indexed?.at ?? Infinity) ? 'mark' : 'index';
    const next = kind === 'mark' ? marked : indexed;
    if (next === undefined || next.at === Infinity) return;
    yield { kind, at: next.at, price: next.price };
    next.next();
  }
}
