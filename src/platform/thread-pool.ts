import type { Worker } from 'node:worker_threads';
import { fault, messageOf } from '../domain/errors.js';

/**
 * What several messages share. A thread gets it with the first message that needs it, and keeps it until another comes.
 */
export interface ThreadContext {
  readonly key: string;
  /** Cloned, except what lies in shared memory. */
  readonly value: unknown;
}

/** What a thread is sent, and what it answers. Its first word is `ready`. */
export interface ThreadRequest {
  readonly id: number;
  readonly key: string;
  /** Present where the thread's last request was of another key. */
  readonly context?: unknown;
  readonly message: unknown;
}
export type ThreadReply = { readonly ready: true } | { readonly id: number; readonly result: unknown };

export interface ThreadPoolOptions {
  /** Module that the threads run: JavaScript. */
  readonly entry: URL;
  readonly size: number;
}

interface Task {
  readonly context: ThreadContext;
  readonly message: unknown;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** One thread, one task at a time. */
interface Seat {
  readonly worker: Worker;
  key: string | undefined;
  task: Task | undefined;
  ready: boolean;
  cause: unknown;
}

/**
 * Threads that work through messages, the oldest first. A thread that dies fails the task it was at (SWEEP-001) and is
 * replaced when it is needed; one that dies before it was ready condemns the pool (SWEEP-002): the next would die as
 * well.
 */
export class ThreadPool {
  private readonly seats = new Set<Seat>();
  private readonly waiting: Task[] = [];
  private sequence = 0;
  private condemned: Error | undefined;

  constructor(private readonly options: ThreadPoolOptions) {}

  get size(): number {
    return this.options.size;
  }

  run(context: ThreadContext, message: unknown): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.condemned !== undefined) {
        reject(this.condemned);
        return;
      }
      this.waiting.push({ context, message, resolve, reject });
      this.dispatch();
    });
  }

  /** Ends every thread at once. What waits or is under way rejects. */
  async close(): Promise<void> {
    this.condemned ??= fault('SWEEP-001', 'The task must end before its threads are closed.', {
      why: 'They were closed while it was under way.',
    });
    const seats = [...this.seats];
    for (const task of [...this.waiting.splice(0), ...seats.flatMap((seat) => seat.task ?? [])])
      task.reject(this.condemned);
    for (const seat of seats) seat.task = undefined;
    this.seats.clear();
    await Promise.all(seats.map((seat) => seat.worker.terminate()));
  }

  private dispatch(): void {
    while (this.waiting.length > 0) {
      const seat = this.freeSeat();
      if (seat === undefined) return;
      this.send(seat, this.waiting.shift() as Task);
    }
  }

  private freeSeat(): Seat | undefined {
    for (const seat of this.seats) if (seat.task === undefined) return seat;
    return this.seats.size < this.options.size ? this.open() : undefined;
  }

  private open(): Seat {
    // Threads do not see the environment: nothing in it may change a result.
    // Loaded by the first who sweeps: every start would pay for it.
    const { Worker: Thread } = process.getBuiltinModule('node:worker_threads');
    const worker = new Thread(this.options.entry, { env: {} });
    const seat: Seat = { worker, key: undefined, task: undefined, ready: false, cause: undefined };
    worker.on('message', (reply: ThreadReply) => this.onReply(seat, reply));
    worker.on('error', (error) => (seat.cause = error));
    worker.on('exit', (code) => this.onExit(seat, code));
    this.seats.add(seat);
    return seat;
  }

  private send(seat: Seat, task: Task): void {
    const { context, message } = task;
    seat.task = task;
    const request: ThreadRequest = {
      id: (this.sequence += 1),
      key: context.key,
      message,
      ...(seat.key === context.key ? {} : { context: context.value }),
    };
    seat.key = context.key;
    seat.worker.postMessage(request);
  }

  private onReply(seat: Seat, reply: ThreadReply): void {
    if ('ready' in reply) {
      seat.ready = true;
      return;
    }
    const { task } = seat;
    seat.task = undefined;
    task?.resolve(reply.result);
    this.dispatch();
  }

  private onExit(seat: Seat, code: number): void {
    if (!this.seats.delete(seat)) return;
    const cause = seat.cause === undefined ? `it ended with ${code}` : messageOf(seat.cause);
    if (!seat.ready)
      this.condemn(
        fault('SWEEP-002', `A worker must start, and did not: ${cause}.`, {
          cause: seat.cause,
          where: this.options.entry.pathname,
          fix: 'Build the project (npm run build), and see the cause.',
        }),
      );
    seat.task?.reject(
      this.condemned ??
        fault('SWEEP-001', `A worker must live until its job is done, and died: ${cause}.`, { cause: seat.cause }),
    );
    this.dispatch();
  }

  private condemn(error: Error): void {
    this.condemned = error;
    for (const task of this.waiting.splice(0)) task.reject(error);
  }
}
