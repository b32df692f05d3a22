import { injectable } from 'inversify';
import type { PendingWork } from '../../../ports/runtime-state/runtime-state.js';

/** Counts promises that have not settled. A rejection ends the work like any other outcome and is not reported here. */
@injectable()
export class CountedPendingWork implements PendingWork {
  private unsettled = 0;
  private waiting: (() => void)[] = [];

  get count(): number {
    return this.unsettled;
  }

  track(work: Promise<unknown>): void {
    this.unsettled += 1;
    work.then(this.settle, this.settle);
  }

  /** Work that is tracked while others wait is waited for too. */
  async idle(): Promise<void> {
    while (this.unsettled > 0) await new Promise<void>((resolve) => this.waiting.push(resolve));
  }

  private readonly settle = (): void => {
    this.unsettled -= 1;
    if (this.unsettled > 0) return;
    const waiting = this.waiting;
    this.waiting = [];
    for (const resolve of waiting) resolve();
  };
}
