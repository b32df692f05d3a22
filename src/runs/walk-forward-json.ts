import { iso } from '../backtest/result.js';
import type { Json } from '../ports/storage/event-store.js';
import { momentsOf } from '../research/statistics/moments.js';
import { probabilisticSharpe, sharpeSample } from '../research/statistics/sharpe.js';
import type { Stitched, WalkForwardOutcome, WindowResult } from '../research/walk-forward/walk-forward.js';
import type { Range } from '../research/walk-forward/windows.js';
import { trialJson } from './trial-json.js';

const DAYS_A_YEAR = 365;
const FEWEST_DAYS = 10;

/** What the tests say behind one another, without the search's blessing: there was no choice in them. */
export function sharpeOf({ returns }: Stitched): {
  readonly yearly: number | undefined;
  readonly probability: number | undefined;
} {
  const sample = sharpeSample(momentsOf(returns));
  return sample === undefined || returns.length < FEWEST_DAYS
    ? { yearly: undefined, probability: undefined }
    : { yearly: sample.ratio * Math.sqrt(DAYS_A_YEAR), probability: probabilisticSharpe(sample) };
}

export function walkForwardJson({ windows, stitched, efficiency, consistency, complete }: WalkForwardOutcome): {
  readonly [key: string]: Json;
} {
  const { yearly, probability } = sharpeOf(stitched);
  return {
    complete,
    windows: windows.map(windowJson),
    outOfSample: {
      net: stitched.net,
      growth: stitched.growth,
      trades: stitched.trades,
      days: stitched.returns.length,
      sharpe: yearly ?? null,
      probabilisticSharpe: probability ?? null,
      equity: [...stitched.equity],
    },
    efficiency: efficiency ?? null,
    consistency: consistency ?? null,
  };
}

const rangeJson = ({ from, to, bars }: Range): Json => ({ from: iso(from), to: iso(to), bars });

const windowJson = ({ window, trials, chosen, test, error }: WindowResult): Json => ({
  window: window.number,
  train: rangeJson(window.train),
  test: rangeJson(window.test),
  trials,
  chosen: chosen === undefined ? null : trialJson(chosen),
  outOfSample:
    test === undefined
      ? null
      : {
          id: test.id,
          net: test.net,
          score: test.judgement.score ?? null,
          standing: test.judgement.standing,
          figures: { ...test.figures, sharpe: test.figures.sharpe ?? null, calmar: test.figures.calmar ?? null },
          traceHash: test.traceHash,
        },
  error: error === undefined ? null : { ...error },
});
