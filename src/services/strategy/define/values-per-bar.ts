import { fault } from '../../../domain/errors.js';

/** Values of the series in one bar of a timeframe; throws STRAT-001 where they do not come out even. */
export function valuesPerBar(strategy: string, timeframeMs: number, intervalMs: number): number {
  if (timeframeMs % intervalMs === 0) return timeframeMs / intervalMs;
  throw fault(
    'STRAT-001',
    `Timeframe of ${strategy}, ${timeframeMs} ms, must be a multiple of updateInterval, was ${intervalMs} ms.`,
    {
      fix: 'Give the strategy a longer timeframe, or the bot a shorter updateInterval (in a backtest: finer bars).',
    },
  );
}
