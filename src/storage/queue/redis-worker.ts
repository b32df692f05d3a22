import { messageOf, PerpsBotError } from '../../domain/errors.js';
import type { Json } from '../../ports/storage/event-store.js';
import type { JobOutcome } from '../../ports/research/job-queue.js';
import { assertRedisUrl, connect, loadBullMq } from './redis-connection.js';
import { JOBS } from './redis-queue.js';
import type { Seal, Sealed } from './sealed.js';

/** Times a job may lose its worker before it has failed. */
const MOST_LOSSES = 5;

export interface RedisWorkerOptions {
  readonly url: string;
  /** Jobs at once. */
  readonly slots: number;
  /** How long a worker that says nothing is believed to live. */
  readonly leaseMs: number;
  /** Tells what may be believed of what comes in, and signs what goes back. */
  readonly seal: Seal;
  /** Rejects for what another worker may be able to do; a job that fails by itself has an outcome. */
  readonly run: (id: string, job: Json) => Promise<JobOutcome>;
  /** Told after every job. */
  readonly onJob?: (id: string, error: string | undefined) => void;
}

export interface FarmWorker {
  /** Takes no more jobs, and resolves when those under way are done. */
  close(): Promise<void>;
}

/** Takes jobs from the queue until closed. Leases are renewed while jobs run, which they must do off this thread. */
export async function serveRedisQueue({
  url,
  slots,
  leaseMs,
  seal,
  run,
  onJob,
}: RedisWorkerOptions): Promise<FarmWorker> {
  assertRedisUrl(url);
  const { UnrecoverableError, Worker } = await loadBullMq();
  const connection = await connect(url);
  const worker = new Worker<unknown, Sealed>(
    JOBS,
    async (job) => {
      const { id = '', data } = job;
      try {
        const outcome = await run(id, seal.open('job', id, data));
        return seal.close('result', id, outcome as unknown as Json);
      } catch (error) {
        // The message is all that BullMQ keeps of an error: it names the code. What nobody signed no worker does.
        const said = PerpsBotError.is(error) ? `${error.code} ${error.message}` : messageOf(error);
        throw PerpsBotError.is(error) && error.code === 'SWEEP-006' ? new UnrecoverableError(said) : new Error(said);
      }
    },
    {
      connection: connection.client,
      concurrency: slots,
      lockDuration: leaseMs,
      stalledInterval: leaseMs,
      maxStalledCount: MOST_LOSSES,
    },
  );
  worker.on('error', () => undefined);
  worker.on('completed', (job) => onJob?.(job.id ?? '', undefined));
  worker.on('failed', (job, error) => onJob?.(job?.id ?? '', error.message));
  await worker.waitUntilReady();
  return {
    close: async () => {
      await worker.close();
      await connection.close();
    },
  };
}
