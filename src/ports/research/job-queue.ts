import type { Json } from '../storage/event-store.js';

/** One piece of work whose result depends on its payload alone. */
export interface Job {
  /** Hash of everything the result depends on: the same id is the same work, wherever and whenever it is done. */
  readonly id: string;
  readonly payload: Json;
}

/** Why a job has no result. Plain data: it travels between threads and machines. */
export interface JobFailure {
  /** A code of the error table, or `UNEXPECTED`. */
  readonly code: string;
  readonly message: string;
  readonly fix?: string;
}

export type JobOutcome =
  { readonly ok: true; readonly result: Json } | { readonly ok: false; readonly error: JobFailure };

/**
 * Where jobs are done: in this thread, in threads of this process, or on other machines. The result of a job is the
 * same everywhere. A job that fails has an outcome; `submit` rejects only when the queue itself cannot go on.
 */
export interface JobQueue {
  readonly name: string;
  /** Jobs that are worth having under way at once. */
  readonly slots: number;
  /** Results that nobody waited for, or that could not be believed; absent where that cannot be. */
  readonly dropped?: number;
  /** Done at least once; an id that is known already may be answered with its result. */
  submit(job: Job): Promise<JobOutcome>;
  /** Ends what is under way as well; its promises reject. Idempotent. */
  close(): Promise<void>;
}

/** Outcomes that outlive the process, by job id. */
export interface JobResults {
  readonly count: number;
  get(id: string): JobOutcome | undefined;
  /** A later outcome of the same id replaces the earlier. */
  put(id: string, outcome: JobOutcome): void;
  close(): void;
}
