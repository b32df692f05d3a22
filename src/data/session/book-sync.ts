import { BookSequence } from '../../domain/book/book-sequence.js';
import type { DiffFrame, SnapshotFrame } from './frames.js';

/** Diffs kept while there is no snapshot to apply them to. */
const MOST_BUFFERED = 100_000;

/** What a diff has come to. */
export type SyncStep =
  /** Applied, or taken back from the buffer and applied: in this order. */
  | { readonly outcome: 'apply'; readonly diffs: readonly DiffFrame[] }
  /** No snapshot yet: kept for it. */
  | { readonly outcome: 'wait' }
  /** One or more messages are missing before this one: the book is not to be trusted until the next snapshot. */
  | { readonly outcome: 'gap'; readonly expected: number; readonly found: number };

/** Joins a snapshot and the diffs around it into one book without holes; diffs that came before it are kept for it. */
export class BookSync {
  private readonly sequence = new BookSequence();
  private buffer: DiffFrame[] = [];
  private isSynced = false;
  /** Diffs that said what was known already. */
  dropped = 0;

  get synced(): boolean {
    return this.isSynced;
  }

  /** True when the snapshot is wanted; the diffs in the result come after it. One that is not needed is left alone. */
  takeSnapshot(frame: SnapshotFrame): SyncStep | undefined {
    if (this.isSynced) return undefined;
    this.isSynced = true;
    this.sequence.begin(frame.lastUpdateId);
    const waiting = this.buffer;
    this.buffer = [];
    const diffs: DiffFrame[] = [];
    for (const diff of waiting) {
      const step = this.take(diff);
      if (step.outcome === 'gap') return step;
      if (step.outcome === 'apply') diffs.push(...step.diffs);
    }
    return { outcome: 'apply', diffs };
  }

  take(diff: DiffFrame): SyncStep {
    if (!this.isSynced) return this.keep(diff);
    const { known } = this.sequence;
    const { first, last, previous } = diff;
    const fit = this.sequence.take({ first, last, ...(previous !== undefined && { previous }) });
    if (fit === 'next') return { outcome: 'apply', diffs: [diff] };
    if (fit === 'old') {
      this.dropped += 1;
      return { outcome: 'apply', diffs: [] };
    }
    this.isSynced = false;
    this.keep(diff);
    return { outcome: 'gap', expected: known, found: previous ?? first - 1 };
  }

  private keep(diff: DiffFrame): SyncStep {
    this.buffer.push(diff);
    if (this.buffer.length > MOST_BUFFERED) this.buffer.shift();
    return { outcome: 'wait' };
  }
}
