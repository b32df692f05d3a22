import type { StrategyRegistry } from '../ports/core-services/strategy.js';
import type { BarColumns } from '../data/bar-columns.js';
import { DEPTH_LAST, type Feed } from '../data/columns.js';

/** Who decides in a run over several symbols, and how many values of the series the longest look back takes. */
export const strategyFactsOf = (
  strategies: Pick<StrategyRegistry, 'strategyFor' | 'lookbackFor'>,
  symbols: readonly string[],
): { readonly strategy: string; readonly warmup: number } => ({
  strategy: [...new Set(symbols.map((symbol) => strategies.strategyFor(symbol).name))].join(','),
  warmup: Math.max(...symbols.map((symbol) => strategies.lookbackFor(symbol))),
});

/** How many events a run has: bars, and messages of everything else. Funding is the venue's, and is none. */
export const eventsIn = (data: BarColumns | readonly Feed[]): number =>
  'intervalMs' in data ? data.length : data.reduce((sum, feed) => sum + messagesIn(feed), 0);

function messagesIn(feed: Feed): number {
  if (feed.kind === 'funding') return 0;
  return feed.kind === 'depth'
    ? feed.columns.flags.reduce((sum, flags) => sum + ((flags & DEPTH_LAST) === 0 ? 0 : 1), 0)
    : feed.columns.length;
}
