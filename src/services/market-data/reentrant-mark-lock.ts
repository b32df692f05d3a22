import { injectable } from 'inversify';
import { fault } from '../../domain/errors.js';
import type { MarkLock } from '../../ports/runtime-state/mark-lock.js';

/**
 * The shared mark lock: a depth counter. Nothing waits for it, because nothing can interrupt a synchronous section;
 * it turns the one mistake that breaks the invariant, a section that awaits, into an error.
 */
@injectable()
export class ReentrantMarkLock implements MarkLock {
  private held = 0;

  get depth(): number {
    return this.held;
  }

  /**
   * Throws LOCK-001 when the section returns a promise (its first part has run by then), LOCK-002 when it leaves the
   * depth changed.
   */
  runExclusive<T>(section: () => T): T {
    const before = this.held;
    this.held = before + 1;
    let result: T;
    let after: number;
    try {
      result = section();
    } finally {
      after = this.held;
      this.held = before;
    }
    if (isThenable(result)) {
      // The promise is refused, so nobody will look at its outcome: a rejection must not end the process.
      Promise.resolve(result).catch(() => undefined);
      throw fault('LOCK-001', 'A section under the mark lock must be synchronous, was asynchronous.', {
        fix: 'Await before entering the lock and pass the values in.',
      });
    }
    if (after !== before + 1) throw unpaired(`A section must leave the lock ${before + 1} deep, was ${after}`);
    return result;
  }

  enter(): void {
    this.held += 1;
  }

  /** Throws LOCK-002 when nobody holds the lock. */
  exit(): void {
    if (this.held === 0) throw unpaired('Leaving the mark lock must follow entering it, was not held');
    this.held -= 1;
  }
}

const unpaired = (message: string): Error =>
  fault('LOCK-002', `${message}.`, { fix: 'Pair every enter with exactly one exit.' });

const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  (typeof value === 'object' || typeof value === 'function') &&
  value !== null &&
  'then' in value &&
  typeof value.then === 'function';
