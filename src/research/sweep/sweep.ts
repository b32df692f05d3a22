import { fault } from '../../domain/errors.js';
import type { JobFailure, JobOutcome, JobQueue, JobResults } from '../../ports/research/job-queue.js';
import type { JobResult } from './job-result.js';
import {
  compareJudgements,
  figuresOf,
  judge,
  type Constraints,
  type Figures,
  type Judgement,
  type ObjectiveName,
} from './objective.js';
import { jobIdOf, type JobSpec } from './plan.js';
import type { Search } from './search.js';
import { isOutcome, outcomeIn } from './shapes.js';
import type { Point, Space } from './space.js';

/** One point that was tried, without its days: those stand in the results. */
export interface Trial {
  /** In the order in which the search asked, from 1. */
  readonly number: number;
  readonly id: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly judgement: Judgement;
  /** Undefined for a job that failed. */
  readonly figures?: Figures;
  readonly traceHash?: string;
  readonly error?: JobFailure;
}

export interface SweepTask {
  readonly space: Space;
  readonly search: Search;
  readonly objective: ObjectiveName;
  readonly constraints: Constraints;
  /** `planKey`, and the range that every trial runs over. */
  readonly job: Omit<JobSpec, 'parameters'>;
}

export interface SweepTools {
  readonly queue: JobQueue;
  readonly results: JobResults;
  readonly signal?: AbortSignal;
  /** Told after every trial, in the order in which they end. */
  readonly onTrial?: (trial: Trial) => void;
}

export interface SweepOutcome {
  /** The best first; equal ones in the order in which they were asked for. */
  readonly trials: readonly Trial[];
  /** False when the signal ended it before the search did. */
  readonly complete: boolean;
}

/**
 * Runs a search to its end: every point once, as a job whose id is known before. Jobs whose outcome is in the results
 * are not run again; failed ones are. The outcome depends on neither the number of workers nor the order in which they
 * end. Throws what makes all jobs fail alike: workers that cannot start, a queue that is gone, a setting nobody knows
 * (CFG-008).
 */
export async function runSweep(task: SweepTask, tools: SweepTools): Promise<SweepOutcome> {
  const trials = new Map<string, Trial>();
  const { search } = task;
  const stopped = (): boolean => tools.signal?.aborted === true;
  for (let points = search.ask(); points.length > 0 && !stopped(); points = search.ask()) {
    const asked = points.map((point) => specAt(task, point));
    const fresh: Asked[] = [];
    for (const each of asked) {
      if (trials.has(each.id) || fresh.some(({ id }) => id === each.id)) continue;
      fresh.push({ ...each, number: trials.size + fresh.length + 1 });
    }
    await inTurns(fresh, tools, async (each) => {
      const outcome = await outcomeFor(each, tools);
      if (outcome === undefined) return;
      const trial = trialOf(each, outcome, task);
      trials.set(each.id, trial);
      tools.onTrial?.(trial);
    });
    if (stopped()) break;
    search.tell(
      points.map((point, index) => ({ point, judgement: (trials.get((asked[index] as Asked).id) as Trial).judgement })),
    );
  }
  const best = [...trials.values()].sort((a, b) => compareJudgements(a.judgement, b.judgement) || a.number - b.number);
  return { trials: best, complete: !stopped() };
}

interface Asked {
  readonly id: string;
  readonly spec: JobSpec;
  readonly number: number;
}

function specAt({ job, space }: SweepTask, point: Point): Asked {
  const spec = { ...job, parameters: space.parametersAt(point) } as unknown as JobSpec;
  return { id: jobIdOf(spec), spec, number: 0 };
}

/**
 * As many at once as the queue has slots. The first error ends the handing out, and is thrown when the rest have ended.
 */
async function inTurns<T>(
  items: readonly T[],
  { queue, signal }: SweepTools,
  work: (item: T) => Promise<void>,
): Promise<void> {
  let next = 0;
  let failed = false;
  const lane = async (): Promise<void> => {
    while (next < items.length && !failed && signal?.aborted !== true) {
      try {
        await work(items[next++] as T);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: Math.min(queue.slots, items.length) }, lane));
  for (const end of ends) if (end.status === 'rejected') throw end.reason as Error;
}

/** From the results, or run and kept there. Undefined when the sweep was stopped meanwhile. */
export async function outcomeFor(
  { id, spec }: { readonly id: string; readonly spec: JobSpec },
  { queue, results, signal }: SweepTools,
): Promise<JobOutcome | undefined> {
  const known = results.get(id);
  if (known?.ok === true && isOutcome(known)) return known;
  let outcome: JobOutcome;
  try {
    outcome = outcomeIn(await queue.submit({ id, payload: spec }));
  } catch (error) {
    if (signal?.aborted === true) return undefined;
    throw error;
  }
  // What a stopped queue says of a job that it cut short says nothing of the job.
  if (!outcome.ok && signal?.aborted === true) return undefined;
  results.put(id, outcome);
  if (!outcome.ok && outcome.error.code === 'CFG-008')
    throw fault('CFG-008', outcome.error.message, {
      why: 'Every trial would fail alike.',
      ...(outcome.error.fix === undefined ? {} : { fix: outcome.error.fix }),
    });
  return outcome;
}

function trialOf({ id, spec, number }: Asked, outcome: JobOutcome, { objective, constraints }: SweepTask): Trial {
  const { parameters } = spec;
  if (!outcome.ok)
    return { number, id, parameters, judgement: { standing: 'failed', score: undefined }, error: outcome.error };
  const result = outcome.result as JobResult;
  const figures = figuresOf(result);
  return {
    number,
    id,
    parameters,
    judgement: judge(figures, objective, constraints),
    figures,
    traceHash: result.result.traceHash,
  };
}
