import type { Cursor } from './cursor.js';

/**
 * Many cursors in the order of time: a binary heap over their next events. Equal instants go by rank, then by the place
 * that the set gave each, so that the same feeds always make the same run. One event costs the depth of the heap
 * at most, and next to nothing while one feed has several events in a row.
 */
export class FeedMerge {
  private readonly heap: Cursor[];

  constructor(cursors: readonly Cursor[]) {
    this.heap = [...cursors];
    for (let i = (this.heap.length >> 1) - 1; i >= 0; i -= 1) this.sink(i);
  }

  /** Whose event is next; undefined when every feed has ended. */
  get head(): Cursor | undefined {
    const head = this.heap[0];
    return head === undefined || head.at === Number.POSITIVE_INFINITY ? undefined : head;
  }

  /** The instant up to which, without it, nobody but the head has anything to say. */
  get rivalAt(): number {
    const { heap } = this;
    return Math.min(
      heap.length > 1 ? (heap[1] as Cursor).at : Number.POSITIVE_INFINITY,
      heap.length > 2 ? (heap[2] as Cursor).at : Number.POSITIVE_INFINITY,
    );
  }

  /** The head has moved on. */
  moved(): void {
    this.sink(0);
  }

  private sink(from: number): void {
    const { heap } = this;
    const { length } = heap;
    const cursor = heap[from];
    if (cursor === undefined) return;
    let hole = from;
    for (;;) {
      let child = 2 * hole + 1;
      if (child >= length) break;
      const right = child + 1;
      if (right < length && comesBefore(heap[right] as Cursor, heap[child] as Cursor)) child = right;
      const least = heap[child] as Cursor;
      if (!comesBefore(least, cursor)) break;
      heap[hole] = least;
      hole = child;
    }
    if (hole !== from) heap[hole] = cursor;
  }
}

const comesBefore = (a: Cursor, b: Cursor): boolean =>
  a.at < b.at || (a.at === b.at && (a.rank < b.rank || (a.rank === b.rank && a.place < b.place)));
