import type { JobResults } from '../../ports/research/job-queue.js';
import { momentsOf } from '../statistics/moments.js';
import { probabilityOfOverfitting, type Overfitting } from '../statistics/overfitting.js';
import { deflatedSharpe, expectedMaximumSharpe, sharpeSample } from '../statistics/sharpe.js';
import { dailyReturns, type JobResult } from './job-result.js';
import type { Trial } from './sweep.js';

/** Blocks of the cross-validation, and days a block needs. */
const BLOCKS = 10;
const LEAST_DAYS_A_BLOCK = 2;
/** Doubles of daily returns held at once for the cross-validation: 64 MB. */
const MOST_RETURNS = 8_000_000;

/** How much of the best result the searching itself explains. */
export interface Overfit {
  /** Trials with daily returns that vary: what the statistics rest on. */
  readonly trials: number;
  readonly days: number;
  /** Probability that the best has skill, after so many trials; undefined with too little to say. */
  readonly deflatedSharpe: number | undefined;
  /** One-day Sharpe ratio that the luckiest of so many trials without skill would show. */
  readonly expectedBest: number | undefined;
  /** Share of splits in which the best in sample ends in the lower half out of sample. */
  readonly overfitting: Overfitting | undefined;
}

/**
 * Deflated Sharpe ratio of the best and probability of overfitting over all trials that ran, liquidated ones included:
 * a search is as lucky as it was long. Returns are read one trial at a time; with very many trials the cross-validation
 * takes every second, third, … of them, in the order in which they were asked for.
 */
export function overfitOf(trials: readonly Trial[], results: JobResults): Overfit {
  const ran = [...trials].filter(({ error }) => error === undefined).sort((a, b) => a.number - b.number);
  const [best] = trials;
  const returnsOf = ({ id }: Trial): Float64Array | undefined => {
    const outcome = results.get(id);
    return outcome?.ok === true ? dailyReturns(outcome.result as JobResult) : undefined;
  };
  const ratios: number[] = [];
  let days = 0;
  for (const trial of ran) {
    const returns = returnsOf(trial);
    if (returns === undefined) continue;
    days = Math.max(days, returns.length);
    const sample = sharpeSample(momentsOf(returns));
    if (sample !== undefined) ratios.push(sample.ratio);
  }
  const variance = momentsOf(ratios).deviation ** 2;
  const chosen = best?.judgement.standing === 'ranked' ? returnsOf(best) : undefined;
  const sample = chosen === undefined ? undefined : sharpeSample(momentsOf(chosen));
  const enough = sample !== undefined && ratios.length > 1 && days >= BLOCKS;
  return {
    trials: ratios.length,
    days,
    deflatedSharpe: enough ? deflatedSharpe(sample, variance, ratios.length) : undefined,
    expectedBest: enough ? expectedMaximumSharpe(variance, ratios.length) : undefined,
    overfitting: crossValidate(ran, days, returnsOf),
  };
}

function crossValidate(
  trials: readonly Trial[],
  days: number,
  returnsOf: (trial: Trial) => Float64Array | undefined,
): Overfitting | undefined {
  if (days < BLOCKS * LEAST_DAYS_A_BLOCK) return undefined;
  const step = Math.ceil((trials.length * days) / MOST_RETURNS);
  const matrix = trials.flatMap((trial, index) => {
    const returns = index % step === 0 ? returnsOf(trial) : undefined;
    return returns?.length === days ? [returns] : [];
  });
  return matrix.length < 2 ? undefined : probabilityOfOverfitting(matrix, BLOCKS);
}
