/** One timer of virtual time. `index` is its place in the heap, -1 once it has left. */
export interface Timer {
  readonly at: number;
  readonly order: number;
  readonly callback: () => void;
  index: number;
}

const before = (a: Timer, b: Timer): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);

/** Binary heap of timers, ordered by instant, then by insertion. A removed timer leaves nothing behind. */
export class TimerQueue {
  private readonly heap: Timer[] = [];
  private inserted = 0;

  get size(): number {
    return this.heap.length;
  }

  get first(): Timer | undefined {
    return this.heap[0];
  }

  add(at: number, callback: () => void): Timer {
    const timer: Timer = { at, order: this.inserted, callback, index: this.heap.length };
    this.inserted += 1;
    this.heap.push(timer);
    this.rise(timer);
    return timer;
  }

  /** False when it is no longer queued. */
  remove(timer: Timer): boolean {
    if (timer.index < 0) return false;
    const last = this.heap.pop() as Timer;
    if (last !== timer) {
      this.place(last, timer.index);
      this.rise(last);
      this.sink(last);
    }
    timer.index = -1;
    return true;
  }

  private rise(timer: Timer): void {
    while (timer.index > 0) {
      const parent = this.heap[(timer.index - 1) >> 1] as Timer;
      if (before(parent, timer)) return;
      this.swap(timer, parent);
    }
  }

  private sink(timer: Timer): void {
    for (;;) {
      const left = this.heap[2 * timer.index + 1];
      const right = this.heap[2 * timer.index + 2];
      if (left === undefined) return;
      const child = right !== undefined && before(right, left) ? right : left;
      if (before(timer, child)) return;
      this.swap(timer, child);
    }
  }

  private swap(a: Timer, b: Timer): void {
    const index = a.index;
    this.place(a, b.index);
    this.place(b, index);
  }

  private place(timer: Timer, index: number): void {
    this.heap[index] = timer;
    timer.index = index;
  }
}
