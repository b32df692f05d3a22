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

/**
 * Joins a snapshot and the diffs around it into one book without holes. Source: Binance, "How to manage a local order
 * book correctly". Derivatives: diffs that end before the snapshot are dropped, the first one applied contains the
 * snapshot's update, and each names the last update of the one before. Spot: the first contains the update after the
 * snapshot's, and each begins where the one before ended.
 */
export class BookSync {
  private snapshot: number | undefined = undefined;
  /** Last update applied; undefined between a snapshot and its first diff. */
  private last: number | undefined = undefined;
  private buffer: DiffFrame[] = [];
  /** Diffs older than the snapshot they were read with. */
  dropped = 0;

  get synced(): boolean {
    return this.snapshot !== undefined;
  }

  /** True when the snapshot is wanted; the diffs in the result come after it. One that is not needed is left alone. */
  takeSnapshot(frame: SnapshotFrame): SyncStep | undefined {
    if (this.synced) return undefined;
    this.snapshot = frame.lastUpdateId;
    this.last = undefined;
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
    if (this.snapshot === undefined) return this.keep(diff);
    if (this.last === undefined) return this.begin(diff, this.snapshot);
    const follows = diff.previous === undefined ? diff.first === this.last + 1 : diff.previous === this.last;
    if (!follows) return this.lose(diff, this.last, diff.previous ?? diff.first - 1);
    this.last = diff.last;
    return { outcome: 'apply', diffs: [diff] };
  }

  private begin(diff: DiffFrame, snapshot: number): SyncStep {
    const wanted = diff.previous === undefined ? snapshot + 1 : snapshot;
    if (diff.last < wanted) {
      this.dropped += 1;
      return { outcome: 'apply', diffs: [] };
    }
    if (diff.first > wanted) return this.lose(diff, wanted, diff.first);
    this.last = diff.last;
    return { outcome: 'apply', diffs: [diff] };
  }

  private lose(diff: DiffFrame, expected: number, found: number): SyncStep {
    this.snapshot = undefined;
    this.last = undefined;
    this.keep(diff);
    return { outcome: 'gap', expected, found };
  }

  private keep(diff: DiffFrame): SyncStep {
    this.buffer.push(diff);
    if (this.buffer.length > MOST_BUFFERED) this.buffer.shift();
    return { outcome: 'wait' };
  }
}
