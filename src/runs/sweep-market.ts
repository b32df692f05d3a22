import { spanOf } from '../data/bar-columns.js';
import { blockOf } from '../data/catalog/feeds.js';
import { timesOf } from '../data/catalog/kinds.js';
import type { Feed } from '../data/columns.js';
import type { SweepMarket } from '../research/sweep/plan.js';
import { isShared, shareColumns } from '../research/sweep/shared-columns.js';
import type { OpenedMarket } from './market-files.js';
import { refusedRequest } from './refused-request.js';

/**
 * A market as searches run over it: ranges are counted in the first symbol's bars, and every other stream is cut with
 * them. Throws CLI-001 for streams that cannot be cut so.
 */
export function sweepMarketOf({ data, bars, funding }: OpenedMarket): SweepMarket {
  if (bars === undefined)
    throw refusedRequest(
      'A search must be given bars: its ranges are counted in them.',
      'Add --kind bars; trades and quotes may stand beside it.',
    );
  const columns = isShared({ kind: 'bars', columns: bars }) ? bars : shareColumns(bars);
  if ('intervalMs' in data) return { columns, ...(funding === undefined ? {} : { funding }) };
  if (data.some(({ kind }) => kind === 'depth'))
    throw refusedRequest(
      'A search must not be given depth: a book that is cut has lost its beginning.',
      'Leave --kind depth away; perpsbot backtest runs over it.',
    );
  const others = data.filter((feed) => feed.columns !== bars);
  const { from, to } = spanOf(bars);
  const beyond = others.find((feed) => feed.kind !== 'funding' && outside(feed, from, to));
  if (beyond !== undefined) {
    throw refusedRequest(
      `All streams of a search must lie within the bars of ${bars.symbol}, ${iso(from)} to ${iso(to)}, and ${beyond.kind} of ${beyond.columns.symbol} do not.`,
      'Give --from and --to that all of them cover.',
    );
  }
  return { columns, others };
}

function outside(feed: Feed, from: number, to: number): boolean {
  const times = timesOf(blockOf(feed));
  const last = (times[feed.columns.length - 1] as number) + (feed.kind === 'bars' ? feed.columns.intervalMs : 1);
  return (times[0] as number) < from || last > to;
}

const iso = (at: number): string => new Date(at).toISOString();
