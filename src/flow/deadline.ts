import { messageOf } from '../domain/errors.js';
import type { Scheduler } from '../ports/configuration/scheduler.js';

export interface Deadline<T> {
  readonly scheduler: Scheduler;
  readonly limitMs: number;
  /** What it settles with once the time is over, or throws; absent: an error that states the limit. */
  readonly late?: () => T;
  /** The time counts from this signal's abort; absent: from now. */
  readonly from?: AbortSignal;
}

/**
 * Settles like `work`, or once its time is over. Timer and listener never outlive the wait; what `work` does later is
 * nobody's.
 */
export function withDeadline<T>(work: Promise<T>, { scheduler, limitMs, late, from }: Deadline<T>): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    let cancel = (): void => undefined;
    const begin = (): void => {
      cancel = scheduler.after(limitMs, () => {
        try {
          resolve(late === undefined ? overrun(limitMs) : late());
        } catch (error) {
          reject(error instanceof Error ? error : new Error(messageOf(error)));
        }
      });
    };
    const release = (): void => {
      cancel();
      from?.removeEventListener('abort', begin);
    };
    if (from === undefined || from.aborted) begin();
    else from.addEventListener('abort', begin, { once: true });
    work.then(release, release);
    work.then(resolve, reject);
  });
}

function overrun(limitMs: number): never {
  throw new Error(`not done within ${limitMs} ms`);
}
