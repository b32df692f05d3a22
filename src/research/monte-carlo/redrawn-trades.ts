import type { RandomStream } from '../../ports/configuration/random.js';
import { simulateTrades, tradePath } from '../statistics/monte-carlo.js';
import type { FigureColumns, RunFigures } from './distribution.js';

/** Trades drawn before whoever waits is asked whether to go on. */
const TRADES_A_LOOK = 2_000_000;

export interface RedrawnTask {
  readonly method: 'reshuffle' | 'bootstrap';
  /** Profits of closed trades, in their order. */
  readonly profits: readonly number[];
  readonly start: number;
  /** For ratios by year. */
  readonly years: number;
  readonly runs: number;
  readonly random: RandomStream;
  /** Looked at now and then; true ends it with what there is. */
  readonly pause: (done: number) => Promise<boolean>;
}

/** What the closed trades did as they came. The ratio is that of a trade, times the root of trades a year. */
export function actualTrades({ profits, start, years }: Pick<RedrawnTask, 'profits' | 'start' | 'years'>): RunFigures {
  const { end, drawdown, ratio } = tradePath(profits, start);
  return {
    net: end - start,
    maxDrawdown: drawdown,
    sharpe: ratio === undefined ? undefined : ratio * Math.sqrt(profits.length / years),
  };
}

/** The same trades in other orders, or drawn again. One stream serves all runs, so that pauses change nothing. */
export async function redrawTrades({
  method,
  profits,
  start,
  years,
  runs,
  random,
  pause,
}: RedrawnTask): Promise<FigureColumns> {
  const scale = Math.sqrt(profits.length / years);
  const made: { net: number[]; maxDrawdown: number[]; sharpe: number[] } = { net: [], maxDrawdown: [], sharpe: [] };
  const atOnce = Math.max(1, Math.floor(TRADES_A_LOOK / Math.max(1, profits.length)));
  while (made.net.length < runs) {
    const paths = Math.min(atOnce, runs - made.net.length);
    const { ends, drawdowns, ratios } = simulateTrades(profits, start, { method, paths, random, mostPlaces: 0 });
    for (const end of ends) made.net.push(end - start);
    for (const drawdown of drawdowns) made.maxDrawdown.push(drawdown);
    for (const ratio of ratios) made.sharpe.push(ratio * scale);
    if (await pause(made.net.length)) break;
  }
  return made;
}
