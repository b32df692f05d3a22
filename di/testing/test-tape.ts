import type { Feed } from '../../src/data/columns.js';
import { Decimal } from '../../src/domain/decimal.js';
import { fault } from '../../src/domain/errors.js';
import { Instrument, rateOf, type InstrumentSpec } from '../../src/domain/instrument.js';
import type { Side } from '../../src/domain/order.js';
import { START } from './test-bars.js';

/**
 * What a market says beside its bars, each with the milliseconds after the first bar opens, oldest first. Everything,
 * the bars' ends among it, is played in one order of time.
 */
export interface TestTape {
  readonly trades?: readonly (readonly [at: number, price: number, quantity: number, aggressor?: Side])[];
  readonly quotes?: readonly (readonly [at: number, bid: number, bidSize: number, ask: number, askSize: number])[];
  readonly funding?: readonly (readonly [at: number, rate: number])[];
  /** The venue's own: what funding is paid on, and what positions are liquidated at. */
  readonly marks?: readonly (readonly [at: number, mark: number])[];
}

/** The tape as recorded streams: in ticks, lots and mark units. Throws TEST-001 for rows that are not in order. */
export function feedsOf(tape: TestTape, spec: InstrumentSpec): readonly Feed[] {
  const instrument = new Instrument(spec);
  const { symbol } = spec;
  const { trades, quotes, funding, marks } = tape;
  const ticks = (price: number): number => instrument.toTicks(new Decimal(price), 'nearest');
  const lots = (size: number): number => instrument.toLots(new Decimal(size));
  const of = <R extends readonly [at: number, ...rest: unknown[]]>(what: string, rows: readonly R[]) => {
    inOrder(what, rows);
    return {
      common: { symbol, length: rows.length, at: Float64Array.from(rows, ([at]) => START + at) },
      column: (value: (row: R) => number) => Float64Array.from(rows, value),
    };
  };
  const feeds: Feed[] = [];
  if (trades !== undefined) {
    const { common, column } = of('trades', trades);
    const side = Int8Array.from(trades, ([, , , by]) => (by === undefined ? 0 : by === 'buy' ? 1 : -1));
    const [price, size] = [column((row) => ticks(row[1])), column((row) => lots(row[2]))];
    feeds.push({ kind: 'trades', columns: { ...common, price, size, side } });
  }
  if (quotes !== undefined) {
    const { common, column } = of('quotes', quotes);
    const [bid, ask] = [column((row) => ticks(row[1])), column((row) => ticks(row[3]))];
    const [bidLots, askLots] = [column((row) => lots(row[2])), column((row) => lots(row[4]))];
    feeds.push({ kind: 'quotes', columns: { ...common, bid, bidLots, ask, askLots } });
  }
  if (marks !== undefined) {
    const { common, column } = of('marks', marks);
    feeds.push({
      kind: 'mark',
      columns: { ...common, price: column((row) => instrument.toMarks(new Decimal(row[1]))) },
    });
  }
  if (funding !== undefined) {
    const { common, column } = of('funding', funding);
    feeds.push({ kind: 'funding', columns: { ...common, rate: column((row) => rateOf(new Decimal(row[1]))) } });
  }
  return feeds.filter(({ columns }) => columns.length > 0);
}

function inOrder(what: string, rows: readonly (readonly [at: number, ...rest: unknown[]])[]): void {
  const late = rows.findIndex(([at], index) => !(at >= (rows[index - 1]?.[0] ?? 0)));
  if (late < 0) return;
  throw fault(
    'TEST-001',
    `Rows of ${what} must be milliseconds after the first bar opens, oldest first, was ${rows[late]?.[0]} in row ${late + 1}.`,
  );
}
