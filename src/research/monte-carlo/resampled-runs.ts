import { ERRORS, fault, type ErrorCode } from '../../domain/errors.js';
import type { JobFailure, JobOutcome, JobQueue } from '../../ports/research/job-queue.js';
import type { JobResult } from '../sweep/job-result.js';
import { figuresOf } from '../sweep/objective.js';
import { jobIdOf, type JobSpec } from '../sweep/plan.js';
import type { RunFigures } from './distribution.js';

export interface ResampledTask {
  /** Without a resampling: each run names its own. */
  readonly job: JobSpec;
  readonly runs: number;
  /** Mean bars of a block. */
  readonly blockLength: number;
  readonly seed: number;
}

export interface ResampledTools {
  readonly queue: JobQueue;
  readonly signal?: AbortSignal;
  /** Told after every run, the actual one left out. */
  readonly onRun?: (done: number) => void;
}

export interface ResampledOutcome {
  /** The run over the market as it was. */
  readonly actual: JobResult;
  /** In the order of their paths; those that failed or were not reached are left out. */
  readonly runs: readonly RunFigures[];
  readonly failures: readonly JobFailure[];
  /** False when the signal ended it before the last run. */
  readonly complete: boolean;
}

/**
 * Runs the market as it was, then the resampled ones, each a whole backtest. What comes of it depends on neither the
 * number of workers nor the order in which they end. Undefined when it was stopped before the actual run had ended.
 * Throws what made the actual run fail.
 */
export async function runResampled(task: ResampledTask, tools: ResampledTools): Promise<ResampledOutcome | undefined> {
  const { queue, signal } = tools;
  const stopped = (): boolean => signal?.aborted === true;
  const actual = await outcomeOf(task.job, tools);
  if (actual === undefined || stopped()) return undefined;
  if (!actual.ok) throw asError(actual.error);
  // Figures alone are kept: what a run was like by day is not.
  const ended = new Array<RunFigures | JobFailure | undefined>(task.runs).fill(undefined);
  let next = 0;
  let done = 0;
  const lane = async (): Promise<void> => {
    while (next < task.runs && !stopped()) {
      const path = (next += 1);
      const { blockLength, seed } = task;
      const outcome = await outcomeOf({ ...task.job, resample: { blockLength, seed, path } }, tools);
      if (outcome === undefined) return;
      ended[path - 1] = outcome.ok ? runFigures(outcome.result as JobResult) : outcome.error;
      done += 1;
      tools.onRun?.(done);
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: Math.min(queue.slots, task.runs) }, lane));
  for (const end of ends) if (end.status === 'rejected') throw end.reason as Error;
  return {
    actual: actual.result as JobResult,
    runs: ended.filter((end) => end !== undefined && 'net' in end),
    failures: ended.filter((end) => end !== undefined && 'code' in end),
    complete: done === task.runs,
  };
}

export function runFigures(result: JobResult): RunFigures {
  const { net, maxDrawdown, sharpe } = figuresOf(result);
  return { net, maxDrawdown, sharpe };
}

/** Undefined for what a stop cut short: it says nothing of the run. */
async function outcomeOf(spec: JobSpec, { queue, signal }: ResampledTools): Promise<JobOutcome | undefined> {
  try {
    const outcome = await queue.submit({ id: jobIdOf(spec), payload: spec });
    return !outcome.ok && signal?.aborted === true ? undefined : outcome;
  } catch (error) {
    if (signal?.aborted === true) return undefined;
    throw error;
  }
}

function asError({ code, message, fix }: JobFailure): Error {
  return Object.hasOwn(ERRORS, code)
    ? fault(code as ErrorCode, message, fix === undefined ? {} : { fix })
    : new Error(message);
}
