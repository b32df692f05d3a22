import type { Scheduler } from '../ports/configuration/scheduler.js';

/** Settles like `work`, or after `limitMs` with what `late` returns or throws. The timer never outlives the work. */
export function withTimeout<T>(scheduler: Scheduler, limitMs: number, work: Promise<T>, late: () => T): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const cancel = scheduler.after(limitMs, () => {
      try {
        resolve(late());
      } catch (error) {
        reject(asError(error));
      }
    });
    work.then(
      (value) => {
        cancel();
        resolve(value);
      },
      (error: unknown) => {
        cancel();
        reject(asError(error));
      },
    );
  });
}

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));
