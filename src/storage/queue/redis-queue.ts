import { fault, messageOf } from '../../domain/errors.js';
import type { Json } from '../../ports/storage/event-store.js';
import type { Job, JobOutcome, JobQueue } from '../../ports/research/job-queue.js';
import type { Seal, Sealed } from './sealed.js';
import { assertRedisUrl, connect, loadBullMq, type Connection } from './redis-connection.js';

/** Jobs under way at once, for a farm whose size is not known. */
const SLOTS = 128;
const ATTEMPTS = 5;
const RETRY_AFTER_MS = 500;
/** Results wait this long for a sweep that was interrupted, and so many of them. */
const KEEP_RESULTS = { age: 86_400, count: 100_000 };

export const JOBS = 'perpsbot-jobs';

export interface RedisQueueOptions {
  readonly url: string;
  /** Sent with every job. */
  readonly shared: Json;
  /** Jobs under way at once. */
  readonly slots?: number;
  /** Signs what is handed in, and tells what may be believed of what comes back. */
  readonly seal: Seal;
}

/**
 * Jobs for workers on other machines, through BullMQ on Redis. The job's id is its hash: handed in twice it is done
 * once, and a result that is there already is the answer. A worker that vanishes loses its jobs to the others; one that
 * cannot do a job hands it back, and after five tries the job has failed. Both ways are signed: a result that nobody
 * with the secret has given is dropped, counted, and the job is done again.
 */
export async function openRedisQueue({ url, shared, slots = SLOTS, seal }: RedisQueueOptions): Promise<JobQueue> {
  assertRedisUrl(url);
  const { Queue, QueueEvents } = await loadBullMq();
  const connection = await connect(url);
  const queue = new Queue<Sealed, unknown>(JOBS, {
    connection: connection.client,
    defaultJobOptions: {
      attempts: ATTEMPTS,
      backoff: { type: 'fixed', delay: RETRY_AFTER_MS },
      removeOnComplete: KEEP_RESULTS,
      removeOnFail: KEEP_RESULTS,
    },
  });
  const events = new QueueEvents(JOBS, { connection: connection.client });
  // Reconnecting is the client's business; what cannot be repaired rejects the jobs that wait.
  queue.on('error', () => undefined);
  events.on('error', () => undefined);
  await events.waitUntilReady();
  let closed = false;
  let dropped = 0;
  const asked = new Map<string, number>();
  const ended = new Map<string, number>();
  // Of jobs that this sweep has not asked for, and of those that have ended: never looked at.
  events.on('completed', ({ jobId }) => {
    const times = (ended.get(jobId) ?? 0) + 1;
    ended.set(jobId, times);
    if (times > (asked.get(jobId) ?? 0)) dropped += 1;
  });
  /** What a worker has said, whoever that was; or that none could do it. */
  const done = async (id: string, payload: Json): Promise<{ readonly said: unknown } | JobOutcome> => {
    asked.set(id, (asked.get(id) ?? 0) + 1);
    const before = await queue.getJob(id);
    if (before !== undefined && (await before.isFailed())) await before.remove();
    const job = await queue.add('backtest', seal.close('job', id, { shared, payload }), { jobId: id });
    try {
      return { said: await job.waitUntilFinished(events) };
    } catch (error) {
      if (closed || !(await job.isFailed()))
        throw fault('SWEEP-005', `The queue must answer, and did not: ${messageOf(error)}.`, {
          cause: error,
          fix: 'Start Redis again and go on with --resume.',
        });
      return {
        ok: false,
        error: {
          code: 'SWEEP-001',
          message: `No worker could do the job in ${ATTEMPTS} tries, the last said: ${messageOf(error)}`,
        },
      };
    }
  };
  return {
    name: 'redis',
    slots,
    get dropped() {
      return dropped;
    },
    async submit({ id, payload }: Job): Promise<JobOutcome> {
      for (let left = ATTEMPTS; ; left -= 1) {
        const answer = await done(id, payload);
        if (!('said' in answer)) return answer;
        try {
          // Its shape is looked at by whoever asked.
          return seal.open('result', id, answer.said) as unknown as JobOutcome;
        } catch (error) {
          dropped += 1;
          await (await queue.getJob(id))?.remove();
          if (left === 1) return { ok: false, error: { code: 'SWEEP-006', message: messageOf(error) } };
        }
      }
    },
    async close(): Promise<void> {
      if (closed) return;
      closed = true;
      await closeAll([events, queue], connection);
    },
  };
}

async function closeAll(parts: readonly { close(): Promise<void> }[], connection: Connection): Promise<void> {
  for (const part of parts) await part.close();
  await connection.close();
}
