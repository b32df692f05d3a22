import { fault } from '../../domain/errors.js';

export interface Overfitting {
  /** Share of splits in which the best in sample was in the lower half out of sample. */
  readonly probability: number;
  /** One logit a split: below zero the chosen one did worse than the median. */
  readonly logits: readonly number[];
  /** Share of splits in which the chosen one lost out of sample. */
  readonly lossProbability: number;
  readonly splits: number;
}

const MOST_BLOCKS = 20;

/**
 * Probability of backtest overfitting by combinatorially symmetric cross-validation. Each trial is a column of returns
 * over the same times; the times are cut into an even number of blocks, and every half of the blocks is once the sample
 * in which the best trial is chosen (by Sharpe ratio) and ranked in the other half. Source: D. H. Bailey, J. Borwein,
 * M. López de Prado and Q. J. Zhu, "The probability of backtest overfitting", Journal of Computational Finance 20(4),
 * 2017.
 */
export function probabilityOfOverfitting(trials: readonly ArrayLike<number>[], blocks = 10): Overfitting {
  const periods = trials[0]?.length ?? 0;
  if (trials.length < 2) throw fault('STAT-001', `Trials must be two or more, were ${trials.length}.`);
  if (!(blocks >= 2 && blocks <= MOST_BLOCKS && blocks % 2 === 0))
    throw fault('STAT-001', `Blocks must be an even number from 2 to ${MOST_BLOCKS}, was ${blocks}.`);
  if (trials.some((trial) => trial.length !== periods) || periods < 2 * blocks) {
    throw fault(
      'STAT-001',
      `Trials must be of one length, two periods a block or more, was ${trials.map((trial) => trial.length).join(', ')}.`,
    );
  }
  const sums = trials.map((trial) => blockSums(trial, blocks));
  const logits: number[] = [];
  let losses = 0;
  for (const mask of halves(blocks)) {
    const inside = sums.map((each) => performance(each, mask));
    const best = bestOf(inside);
    const outside = sums.map((each) => performance(each, ~mask));
    const own = outside[best] as Performance;
    if (own.mean < 0) losses += 1;
    logits.push(logitOf(outside, own.ratio));
  }
  return {
    probability: logits.filter((logit) => logit <= 0).length / logits.length,
    logits,
    lossProbability: losses / logits.length,
    splits: logits.length,
  };
}

interface BlockSum {
  readonly count: number;
  readonly sum: number;
  readonly squares: number;
}

interface Performance {
  readonly ratio: number;
  readonly mean: number;
}

function blockSums(trial: ArrayLike<number>, blocks: number): BlockSum[] {
  return Array.from({ length: blocks }, (_unused, block) => {
    const from = Math.floor((block * trial.length) / blocks);
    const to = Math.floor(((block + 1) * trial.length) / blocks);
    let sum = 0;
    let squares = 0;
    for (let i = from; i < to; i += 1) {
      const value = trial[i] as number;
      sum += value;
      squares += value * value;
    }
    return { count: to - from, sum, squares };
  });
}

function performance(blocks: readonly BlockSum[], mask: number): Performance {
  let count = 0;
  let sum = 0;
  let squares = 0;
  for (const [index, block] of blocks.entries()) {
    if ((mask & (1 << index)) === 0) continue;
    count += block.count;
    sum += block.sum;
    squares += block.squares;
  }
  const mean = sum / count;
  const variance = Math.max(0, squares / count - mean * mean);
  return { mean, ratio: variance > 0 ? mean / Math.sqrt(variance) : 0 };
}

function bestOf(performances: readonly Performance[]): number {
  let best = 0;
  for (const [index, { ratio }] of performances.entries())
    if (ratio > (performances[best] as Performance).ratio) best = index;
  return best;
}

/** Relative rank `rank / (trials + 1)`, ties at their middle, as its logit. */
function logitOf(performances: readonly Performance[], own: number): number {
  const below = performances.filter(({ ratio }) => ratio < own).length;
  const equal = performances.filter(({ ratio }) => ratio === own).length;
  const relative = (below + (equal + 1) / 2) / (performances.length + 1);
  return Math.log(relative / (1 - relative));
}

/** Every choice of half of the blocks, as a bit mask. */
function* halves(blocks: number): Generator<number> {
  for (let mask = 0; mask < 1 << blocks; mask += 1) if (bits(mask) === blocks / 2) yield mask;
}

function bits(mask: number): number {
  let count = 0;
  for (let rest = mask; rest !== 0; rest &= rest - 1) count += 1;
  return count;
}
