import { hold, type Decision } from '#src/domain/decision.js';
import type { Fill } from '#src/domain/order.js';
import type { Position } from '#src/domain/position.js';
import { lots, ticks, type Ticks } from '#src/domain/units.js';
import type { Strategy, StrategyContext, StrategyDefinition } from '#src/ports/core-services/strategy.js';

/** Lots of an entry: more than one quote usually shows, so that it fills in parts. */
const SIZE = 9_000;
const AWAY = 400;
const NEARER = 40;
/** Lots that are added to a position now and then, at the first step of a new life too, and what it may become. */
const MORE = 2_000;
const MOST = 14_000;
const HOLD = hold('It holds');

/** In and out for ever, long and short in turns, each position with a stop that moves once. Adds to what it has. */
class Guarded implements Strategy {
  readonly name = 'guarded';
  readonly lookback = 1;
  readonly needsSnapshot = false;
  private planned: Ticks | undefined;
  private stop: Ticks | undefined;
  private openedAt: number | undefined;
  private steps = 0;
  private isLong = false;

  decide({ instrument, mark, position }: StrategyContext): Decision {
    const price = Math.floor(mark / instrument.marksPerTick);
    this.steps += 1;
    if (position.lots === 0) {
      if (this.steps % 3 !== 0) return HOLD;
      this.isLong = !this.isLong;
      this.planned = ticks(this.isLong ? price - AWAY : price + AWAY);
      return { action: this.isLong ? 'buy' : 'sell', reason: 'in', quantity: lots(SIZE), orderType: 'market' };
    }
    if (this.steps % 11 === 5 && this.stop !== undefined)
      this.stop = ticks(this.stop + (position.lots > 0 ? NEARER : -NEARER));
    if (this.steps % 7 === 1 && Math.abs(position.lots) + MORE <= MOST) {
      const isLong = position.lots > 0;
      this.planned = this.stop ?? ticks(isLong ? price - AWAY : price + AWAY);
      return { action: isLong ? 'buy' : 'sell', reason: 'more', quantity: lots(MORE), orderType: 'market' };
    }
    return this.steps % 13 === 0 ? { action: 'close', reason: 'out' } : HOLD;
  }

  onFill(_fill: Fill, { openedAt }: Position): void {
    if (openedAt === this.openedAt) return;
    this.openedAt = openedAt;
    this.stop = openedAt === undefined ? undefined : this.planned;
  }

  protection(): Ticks | undefined {
    return this.stop;
  }

  plannedProtection(): Ticks | undefined {
    return this.planned;
  }

  snapshot(): undefined {
    return undefined;
  }

  restore(): void {
    // Nothing is kept.
  }
}

export const guarded: StrategyDefinition = {
  name: 'guarded',
  parameters: [],
  lookback: () => 1,
  create: () => new Guarded(),
};
