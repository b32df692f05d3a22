import type { BarColumns } from '../../data/bar-columns.js';
import { blockOf, feedOf } from '../../data/catalog/feeds.js';
import { lowerBound, sliceOf, timesOf } from '../../data/catalog/kinds.js';
import type { Feed } from '../../data/columns.js';

const NAMES = ['openAt', 'open', 'high', 'low', 'close', 'volume'] as const;

/** Whether threads that are handed a stream read its memory and not a copy. */
export const isShared = (feed: Feed): boolean =>
  blockOf(feed).columns.every(({ buffer }) => buffer instanceof SharedArrayBuffer);

/** The same bars in one block of shared memory: threads that are handed them read this block, not a copy. */
export function shareColumns(columns: BarColumns): BarColumns {
  const { length } = columns;
  const memory = new SharedArrayBuffer(NAMES.length * length * Float64Array.BYTES_PER_ELEMENT);
  const views = NAMES.map((name, index) => {
    const view = new Float64Array(memory, index * length * Float64Array.BYTES_PER_ELEMENT, length);
    view.set(columns[name].subarray(0, length));
    return [name, view] as const;
  });
  return {
    symbol: columns.symbol,
    intervalMs: columns.intervalMs,
    length,
    ...(Object.fromEntries(views) as Record<(typeof NAMES)[number], Float64Array>),
  };
}

/** Bars that open in `[from, to)`, over the same memory. */
export function sliceColumns(columns: BarColumns, from: number, to: number): BarColumns {
  const first = indexAt(columns, from);
  const end = indexAt(columns, to);
  const cut = (column: Float64Array): Float64Array => column.subarray(first, end);
  const { symbol, intervalMs, openAt, open, high, low, close, volume } = columns;
  return {
    symbol,
    intervalMs,
    length: end - first,
    openAt: cut(openAt),
    open: cut(open),
    high: cut(high),
    low: cut(low),
    close: cut(close),
    volume: cut(volume),
  };
}

/** Rows of any stream that begin in `[from, to)`, over the same memory. */
export function sliceFeed(feed: Feed, from: number, to: number): Feed {
  const block = blockOf(feed);
  const times = timesOf(block);
  return feedOf(
    sliceOf(block, lowerBound(times, from), lowerBound(times, to)),
    feed.columns.symbol,
    feed.kind === 'bars' ? feed.columns.intervalMs : 0,
  );
}

/** Index of the first bar that opens at `at` or later. */
export function indexAt({ openAt, length }: Pick<BarColumns, 'openAt' | 'length'>, at: number): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((openAt[middle] as number) < at) low = middle + 1;
    else high = middle;
  }
  return low;
}
