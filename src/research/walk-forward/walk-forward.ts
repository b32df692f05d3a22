import { Decimal, ZERO } from '../../domain/decimal.js';
import type { JobFailure } from '../../ports/research/job-queue.js';
import { dailyReturns, type JobResult } from '../sweep/job-result.js';
import { figuresOf, judge, type Figures, type Judgement } from '../sweep/objective.js';
import { jobIdOf, type JobSpec } from '../sweep/plan.js';
import type { Search } from '../sweep/search.js';
import { outcomeFor, runSweep, type SweepTask, type SweepTools, type Trial } from '../sweep/sweep.js';
import type { Window } from './windows.js';

export interface WalkForwardTask extends Omit<SweepTask, 'search' | 'job'> {
  readonly plan: string;
  readonly windows: readonly Window[];
  /** A new search for each window; its choices must not depend on another window's. */
  readonly search: (window: Window) => Search;
}

/** What one window came to. */
export interface WindowResult {
  readonly window: Window;
  readonly trials: number;
  /** The best of the training; undefined where none could be ranked: the window is then not traded. */
  readonly chosen?: Trial;
  /** The chosen settings over the test, which no training saw. */
  readonly test?: {
    readonly id: string;
    readonly figures: Figures;
    readonly judgement: Judgement;
    readonly net: string;
    readonly traceHash: string;
  };
  readonly error?: JobFailure;
}

/** All tests behind one another. */
export interface Stitched {
  /** Sum of the tests' profits, exactly. */
  readonly net: string;
  /** Product of the tests' growths: what one account that compounds would have become, as a multiple. */
  readonly growth: number;
  /** Growth at each test's days, from 1. */
  readonly equity: Float64Array;
  readonly returns: Float64Array;
  readonly trades: number;
}

export interface WalkForwardOutcome {
  readonly windows: readonly WindowResult[];
  readonly stitched: Stitched;
  /** Mean of test over training in the objective, over windows where training's is above zero. */
  readonly efficiency: number | undefined;
  /** Share of traded windows that earned something in their test. */
  readonly consistency: number | undefined;
  readonly complete: boolean;
}

/**
 * Searches each window's training, runs the best settings over its test, and stitches the tests. The strategy warms up
 * on bars before a test, which are past; nothing of a test, nor of the gap before it, is in the bars that its training
 * is given.
 */
export async function runWalkForward(
  task: WalkForwardTask,
  tools: SweepTools & { readonly onWindow?: (result: WindowResult) => void },
): Promise<WalkForwardOutcome> {
  const results: WindowResult[] = [];
  const pieces: JobResult[] = [];
  let complete = true;
  for (const window of task.windows) {
    const ended = await runWindow(task, window, tools);
    if (ended === undefined) {
      complete = false;
      break;
    }
    results.push(ended.result);
    if (ended.piece !== undefined) pieces.push(ended.piece);
    tools.onWindow?.(ended.result);
  }
  return {
    windows: results,
    stitched: stitch(pieces),
    efficiency: efficiencyOf(results),
    consistency: consistencyOf(results),
    complete,
  };
}

async function runWindow(
  task: WalkForwardTask,
  window: Window,
  tools: SweepTools,
): Promise<{ readonly result: WindowResult; readonly piece?: JobResult } | undefined> {
  const { space, objective, constraints, plan } = task;
  const { from, to } = window.train;
  const sweep = await runSweep(
    { space, objective, constraints, search: task.search(window), job: { plan, from, to, warmup: 'inside' } },
    tools,
  );
  if (!sweep.complete) return undefined;
  const [best] = sweep.trials;
  const trials = sweep.trials.length;
  if (best?.judgement.standing !== 'ranked') return { result: { window, trials } };
  const spec: JobSpec = {
    plan,
    parameters: best.parameters,
    from: window.test.from,
    to: window.test.to,
    warmup: 'before',
  };
  const id = jobIdOf(spec);
  const outcome = await outcomeFor({ id, spec }, tools);
  if (outcome === undefined) return undefined;
  if (!outcome.ok) return { result: { window, trials, chosen: best, error: outcome.error } };
  const piece = outcome.result as JobResult;
  const figures = figuresOf(piece);
  const test = {
    id,
    figures,
    judgement: judge(figures, objective, {}),
    net: piece.result.pnl.net,
    traceHash: piece.result.traceHash,
  };
  return { result: { window, trials, chosen: best, test }, piece };
}

function stitch(pieces: readonly JobResult[]): Stitched {
  const returns = Float64Array.from(pieces.flatMap((piece) => [...dailyReturns(piece)]));
  const equity = new Float64Array(returns.length + 1);
  equity[0] = 1;
  returns.forEach((value, index) => (equity[index + 1] = (equity[index] as number) * (1 + value)));
  return {
    net: pieces.reduce((sum, { result }) => sum.plus(new Decimal(result.pnl.net)), ZERO).toString(),
    growth: equity.at(-1) as number,
    equity,
    returns,
    trades: pieces.reduce((sum, { result }) => sum + result.trades, 0),
  };
}

function efficiencyOf(results: readonly WindowResult[]): number | undefined {
  const ratios = results.flatMap(({ chosen, test }) => {
    const inside = chosen?.judgement.score;
    const outside = test?.judgement.score;
    return inside === undefined || outside === undefined || !(inside > 0) ? [] : [outside / inside];
  });
  return ratios.length === 0 ? undefined : ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length;
}

function consistencyOf(results: readonly WindowResult[]): number | undefined {
  const tested = results.filter(({ test }) => test !== undefined);
  return tested.length === 0
    ? undefined
    : tested.filter(({ test }) => (test?.figures.net ?? 0) > 0).length / tested.length;
}
