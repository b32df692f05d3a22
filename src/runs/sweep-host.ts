import type { JobQueue, JobResults } from '../ports/research/job-queue.js';
import type { SweepMarket, SweepPlan } from '../research/sweep/plan.js';

export interface FarmWorkerRequest {
  /** Redis URL of the queue. */
  readonly queue: string;
  /** Directory in which the data of the jobs is looked for, by content. */
  readonly data: string;
  readonly jobs: number;
  readonly leaseMs: number;
  /** Shared with whoever hands in work. */
  readonly secret: string | undefined;
  /** Files of strategies that jobs may run; none: the built-in ones alone. */
  readonly strategies: readonly string[];
  /** Told after every job; `error` where it was handed back. */
  readonly onJob: (id: string, error: string | undefined) => void;
}

/** What sweeps take from below. */
export interface SweepHost {
  /** Processors this process may use. */
  readonly cores: number;
  /** Identity of the program by its content: other code, other results. */
  build(): string;
  /** SHA-256 of a file; undefined when there is none. */
  digestOfFile(path: string): string | undefined;
  /** Jobs of one plan in threads of this process; the columns must lie in shared memory. */
  threads(plan: SweepPlan, market: SweepMarket, count: number): JobQueue;
  /** Jobs of one plan on the workers of a farm; throws SWEEP-005, CLI-001 without a secret. */
  farm(plan: SweepPlan, url: string, slots: number | undefined, secret: string | undefined): Promise<JobQueue>;
  /** The results in a directory, which is made where it is missing. */
  results(directory: string): JobResults;
  /** Serves a queue until closed; throws SWEEP-005. */
  serve(request: FarmWorkerRequest): Promise<{ close(): Promise<void> }>;
}
