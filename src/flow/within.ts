import type { Scheduler } from '../ports/configuration/scheduler.js';

/**
 * Settles like `work`, or rejects after `limitMs`. The timer never outlives the wait; what `work` does later is
 * nobody's.
 */
export async function within<T>(scheduler: Scheduler, limitMs: number, work: Promise<T>): Promise<T> {
  let cancel = (): void => undefined;
  const overrun = new Promise<never>((_resolve, reject) => {
    cancel = scheduler.after(limitMs, () => reject(new Error(`not done within ${limitMs} ms`)));
  });
  try {
    return await Promise.race([work, overrun]);
  } finally {
    cancel();
  }
}

/** Settles like `work`; once the signal has aborted, rejects at the latest `limitMs` after that. */
export async function withinOfAbort<T>(
  signal: AbortSignal,
  scheduler: Scheduler,
  limitMs: number,
  work: Promise<T>,
): Promise<T> {
  let listener = (): void => undefined;
  const aborted = new Promise<undefined>((resolve) => {
    listener = () => resolve(undefined);
  });
  if (signal.aborted) listener();
  else signal.addEventListener('abort', listener, { once: true });
  try {
    const first = await Promise.race([work.then((value) => ({ value })), aborted]);
    return first === undefined ? await within(scheduler, limitMs, work) : first.value;
  } finally {
    signal.removeEventListener('abort', listener);
  }
}
