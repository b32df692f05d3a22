import { hold, type Decision } from '#src/domain/decision.js';
import type { Fill, Side } from '#src/domain/order.js';
import type { Position } from '#src/domain/position.js';
import { lots, ticks, type Ticks } from '#src/domain/units.js';
import type { Strategy, StrategyContext, StrategyDefinition } from '#src/ports/core-services/strategy.js';

const SIZE = 2_000;
/** Ticks between the market and what rests, and from there to its stop. */
const NEAR = 110;
const AWAY = 900;
const HOLD = hold('It holds');

/** Entries that rest on one side until one fills, limits and stops in turns, each with a stop; adds; closes. */
class Resting implements Strategy {
  readonly name = 'resting';
  readonly lookback = 1;
  readonly needsSnapshot = false;
  private planned: Ticks | undefined;
  private stop: Ticks | undefined;
  private openedAt: number | undefined;
  private steps = 0;
  private side: Side = 'buy';

  decide({ instrument, mark, position }: StrategyContext): Decision {
    const price = Math.floor(mark / instrument.marksPerTick);
    this.steps += 1;
    if (position.lots !== 0 && this.steps % 4 === 0) return { action: 'close', reason: 'out' };
    if (position.lots === 0 && this.steps % 6 === 0) this.side = this.side === 'buy' ? 'sell' : 'buy';
    if (this.steps % 3 !== 1) return HOLD;
    const sign = this.side === 'buy' ? 1 : -1;
    const isStop = this.steps % 2 === 0;
    const at = price + (isStop ? sign : -sign) * NEAR;
    this.planned = this.stop ?? ticks(at - sign * AWAY);
    const entry = { action: this.side, reason: 'waits', quantity: lots(SIZE), timeInForce: 'GTC' } as const;
    return isStop
      ? { ...entry, orderType: 'stop_market', stopTrigger: ticks(at) }
      : { ...entry, orderType: 'limit', limit: ticks(at) };
  }

  onFill(_fill: Fill, { openedAt, lots: held }: Position): void {
    if (openedAt === this.openedAt) return;
    this.openedAt = openedAt;
    this.stop = openedAt === undefined ? undefined : this.planned;
    if (held !== 0) this.side = held > 0 ? 'buy' : 'sell';
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

export const resting: StrategyDefinition = {
  name: 'resting',
  parameters: [],
  lookback: () => 1,
  create: () => new Resting(),
};
