import type { ThreadPool } from '../../platform/thread-pool.js';
import type { Json } from '../../ports/storage/event-store.js';
import type { Job, JobOutcome, JobQueue } from '../../ports/research/job-queue.js';
import { fault, PerpsBotError } from '../../domain/errors.js';
import type { BarColumns } from '../../data/bar-columns.js';
import type { Feed } from '../../data/columns.js';
import { failureOf } from './job-runner.js';
import { plainStamps, planKey, type SweepMarket, type SweepPlan } from './plan.js';
import { isShared } from './shared-columns.js';

/** What a thread is given once for all jobs of a plan. The columns lie in shared memory. */
export interface PlanContext {
  readonly config: Json;
  readonly columns: BarColumns;
  readonly funding: readonly (readonly [number, string | null])[] | null;
  readonly others: readonly Feed[] | null;
  /** Module of the strategy with the SHA-256 it must have; null for a built-in one. */
  readonly strategy: { readonly path: string; readonly sha256: string } | null;
}

const strategyOf = ({ strategy, inputs }: SweepPlan): PlanContext['strategy'] =>
  strategy === null ? null : { path: strategy, sha256: inputs[strategy] ?? '' };

/** Jobs in threads of this process. A thread that dies is the outcome of its job, and is replaced. */
export class ThreadQueue implements JobQueue {
  readonly name = 'threads';
  private readonly context: { readonly key: string; readonly value: PlanContext };

  constructor(
    private readonly pool: ThreadPool,
    plan: SweepPlan,
    { columns, funding, others }: SweepMarket,
    key = planKey(plan),
  ) {
    if (![{ kind: 'bars', columns } as const, ...(others ?? [])].every(isShared))
      throw fault('SWEEP-002', 'Columns must lie in shared memory before threads are given them.', {
        fix: 'Pass them through shareColumns.',
      });
    this.context = {
      key,
      value: {
        config: plan.config,
        columns,
        funding: funding === undefined ? null : plainStamps(funding),
        others: others ?? null,
        strategy: strategyOf(plan),
      },
    };
  }

  get slots(): number {
    return this.pool.size;
  }

  async submit({ payload }: Job): Promise<JobOutcome> {
    try {
      return (await this.pool.run(this.context, payload)) as JobOutcome;
    } catch (error) {
      if (PerpsBotError.is(error) && error.code === 'SWEEP-001') return { ok: false, error: failureOf(error) };
      throw error;
    }
  }

  close(): Promise<void> {
    return this.pool.close();
  }
}
