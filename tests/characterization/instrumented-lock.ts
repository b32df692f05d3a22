import type { BotContainer } from '#di/container.js';
import { MarkLock } from '#src/ports/runtime-state/mark-lock.js';
import { WindowStore } from '#src/ports/runtime-state/window-store.js';
import { ReentrantMarkLock } from '#src/services/market-data/reentrant-mark-lock.js';
import { RingWindowStore } from '#src/services/market-data/ring-window-store.js';
import { swap } from '#di/testing/swap.js';

export type Moment = 'entered' | 'leaving';

/** The production lock, watched from inside: right after it was entered and right before it is left. */
export class InstrumentedLock extends ReentrantMarkLock {
  watch: (moment: Moment) => void = () => undefined;

  override enter(): void {
    super.enter();
    this.watch('entered');
  }

  override exit(): void {
    this.watch('leaving');
    super.exit();
  }

  override runExclusive<T>(section: () => T): T {
    return super.runExclusive(() => {
      this.watch('entered');
      try {
        return section();
      } finally {
        this.watch('leaving');
      }
    });
  }

  /** How often the lock is entered from now on. */
  entries(): () => number {
    let entered = 0;
    this.watch = (moment) => void (entered += moment === 'entered' ? 1 : 0);
    return () => entered;
  }
}

/** The lock and, around it, the production store: for tests of how the lock is used, not of who was given it. */
export function instrument(container: BotContainer): void {
  const lock = new InstrumentedLock();
  swap(container, MarkLock, lock);
  swap(container, WindowStore, new RingWindowStore(lock));
}
