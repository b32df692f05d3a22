import { token } from '../../injection/token.js';

/**
 * The one lock around the mark windows. Node runs one thread, so it never makes anyone wait: it is re-entrant,
 * synchronous, and refuses a section that returns a promise (`LOCK-001`), the only way to break the invariant here.
 */
export interface MarkLock {
  runExclusive<T>(section: () => T): T;
  /** For the window store's own append, which cannot afford a closure per mark; always paired. */
  enter(): void;
  exit(): void;
  /** 0 when nobody holds it. */
  readonly depth: number;
}
export const MarkLock = token<MarkLock>('MarkLock');
