import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import type { FarmWorkerRequest, SweepHost } from '../src/runs/sweep-host.js';
import type { ReportHost } from '../src/runs/run-host.js';
import { fault } from '../src/domain/errors.js';
import { pathFault } from '../src/flow/path-fault.js';
import { ThreadPool } from '../src/platform/thread-pool.js';
import type { JobOutcome } from '../src/ports/research/job-queue.js';
import { jobIdOf, planKey, type SweepPlan } from '../src/research/sweep/plan.js';
import { ThreadQueue } from '../src/research/sweep/thread-queue.js';
import { JobResultsFile } from '../src/storage/queue/job-results-file.js';
import { assertRedisUrl } from '../src/storage/queue/redis-connection.js';
import { openRedisQueue } from '../src/storage/queue/redis-queue.js';
import { Seal } from '../src/storage/queue/sealed.js';
import { hostTime } from '../src/platform/time/host-time.js';
import { jobIn } from '../src/research/sweep/shapes.js';
import { serveRedisQueue } from '../src/storage/queue/redis-worker.js';
import { buildDigest } from './build-digest.js';
import { DataLibrary, digestOfFile } from './data-library.js';
import { makeDirectory } from '../src/flow/make-directory.js';

/** Plans whose market a worker keeps in memory. */
const KEPT_PLANS = 4;

/** Where this file's compiled neighbour stands: threads run JavaScript. */
const WORKER = new URL('./worker.js', import.meta.url);

export function sweepHost({ build }: Pick<ReportHost, 'build'>, entry = WORKER): SweepHost {
  const own = (): string => `${build.version}+${buildDigest()}`;
  return {
    cores: availableParallelism(),
    build: own,
    digestOfFile,
    threads: (plan, market, count) => new ThreadQueue(new ThreadPool({ entry, size: count }), plan, market),
    farm: (plan, url, slots, secret) =>
      openRedisQueue({
        url,
        shared: plan,
        seal: new Seal(secret, () => hostTime.wall()),
        ...(slots === undefined ? {} : { slots }),
      }),
    results: openResults,
    serve: async ({ queue, jobs, leaseMs, onJob, data, secret, strategies }: FarmWorkerRequest) => {
      assertRedisUrl(queue);
      const seal = new Seal(secret, () => hostTime.wall());
      const pool = new ThreadPool({ entry, size: jobs });
      const farm = new FarmJobs(new DataLibrary(resolve(data), strategies), pool, own());
      const served = await serveRedisQueue({
        url: queue,
        slots: jobs,
        leaseMs,
        seal,
        onJob,
        run: (id, job) => farm.run(id, job),
      });
      return {
        close: async () => {
          await served.close();
          await pool.close();
        },
      };
    },
  };
}

function openResults(directory: string): JobResultsFile {
  try {
    makeDirectory(directory);
  } catch (error) {
    throw pathFault(
      { must: `${directory} must be a directory that can be made`, where: directory, code: 'STORE-003' },
      error,
    );
  }
  return new JobResultsFile(join(directory, 'results.jsonl'));
}

/** Jobs that came over the wire: their data is looked up here, and they run in this machine's threads. */
export class FarmJobs {
  /** The promise is kept, so that jobs that come at once read the data once. */
  private readonly queues = new Map<string, Promise<ThreadQueue>>();

  constructor(
    private readonly library: DataLibrary,
    private readonly pool: ThreadPool,
    private readonly build: string,
  ) {}

  /** Rejects where another worker may do better: without the data, with another build, or with a thread that died. */
  async run(id: string, job: unknown): Promise<JobOutcome> {
    const { plan, spec } = jobIn(job);
    if (plan.build !== this.build)
      throw fault('SWEEP-003', `A job must be of this worker's build ${this.build}, was of ${plan.build}.`, {
        fix: 'Install the same build on every machine.',
      });
    const key = planKey(plan);
    if (spec.plan !== key || jobIdOf(spec) !== id)
      throw fault('SWEEP-003', `A job must be what its id says, and ${id} is not.`, {
        fix: 'Empty the queue and begin again.',
      });
    const queue = await this.queueFor(key, plan);
    const outcome = await queue.submit({ id, payload: spec });
    if (!outcome.ok && outcome.error.code === 'SWEEP-001') throw fault('SWEEP-001', outcome.error.message);
    return outcome;
  }

  private queueFor(key: string, plan: SweepPlan): Promise<ThreadQueue> {
    const known = this.queues.get(key);
    if (known !== undefined) return known;
    // Threads open what lies here, whatever the job calls it.
    const made = this.library.find(plan).then(({ market, local }) => new ThreadQueue(this.pool, local, market, key));
    const [oldest] = this.queues.keys();
    if (this.queues.size >= KEPT_PLANS && oldest !== undefined) this.queues.delete(oldest);
    this.queues.set(key, made);
    // Data that was not there may be copied there meanwhile.
    made.catch(() => this.queues.delete(key));
    return made;
  }
}
