import { isPositive } from '../../domain/decimal.js';
import type { BookEvent } from '../../ports/venue/market-event.js';
import type { Scheduler } from '../../ports/configuration/scheduler.js';

/** Two sides of a book are told one after the other: so long may they meet or cross. */
const TOLERATED_MS = 1_000;

/**
 * Books of one stream whose best bid stands at or above their best ask. One that stays so is no book of this market
 * any more, whatever it goes on to say.
 */
export class CrossedBooks {
  private readonly timers = new Map<string, () => void>();

  constructor(
    private readonly scheduler: Scheduler,
    private readonly onLasting: (symbol: string) => void,
  ) {}

  look({ symbol, bid, ask }: BookEvent): void {
    const isCrossed = isPositive(bid?.price) && isPositive(ask?.price) && bid.price.gte(ask.price);
    if (!isCrossed) this.forget(symbol);
    else if (!this.timers.has(symbol))
      this.timers.set(
        symbol,
        this.scheduler.after(TOLERATED_MS, () => {
          this.timers.delete(symbol);
          this.onLasting(symbol);
        }),
      );
  }

  /** No timer is left. */
  close(): void {
    for (const symbol of [...this.timers.keys()]) this.forget(symbol);
  }

  private forget(symbol: string): void {
    if (this.timers.size === 0) return;
    this.timers.get(symbol)?.();
    this.timers.delete(symbol);
  }
}
