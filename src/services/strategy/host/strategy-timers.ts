import type { TimerEvent } from '../../../ports/strategy/event-strategy.js';

interface Timer {
  readonly name: string;
  dueAt: number;
  /** Undefined: once. */
  readonly everyMs: number | undefined;
}

/** The timers of one strategy, in world time, in the order in which they were set. */
export class StrategyTimers {
  private readonly timers: Timer[] = [];
  /** When the next one is due; Infinity without any. */
  nextAt = Number.POSITIVE_INFINITY;

  set(name: string, ms: number, repeat: boolean, now: number): void {
    this.remove(name);
    const dueAt = repeat ? (Math.floor(now / ms) + 1) * ms : now + ms;
    this.timers.push({ name, dueAt, everyMs: repeat ? ms : undefined });
    this.look();
  }

  clear(name: string): void {
    this.remove(name);
    this.look();
  }

  /** The next timer that is due by now: of equal instants the one that was set first. Undefined when none is left. */
  due(now: number): TimerEvent | undefined {
    if (this.nextAt > now) return undefined;
    const timer = this.timers.find(({ dueAt }) => dueAt === this.nextAt);
    if (timer === undefined) return undefined;
    const { name, dueAt, everyMs } = timer;
    let missed = 0;
    if (everyMs === undefined) this.remove(name);
    else {
      const nextAt = (Math.floor(now / everyMs) + 1) * everyMs;
      missed = Math.round((nextAt - dueAt) / everyMs) - 1;
      timer.dueAt = nextAt;
    }
    this.look();
    return { name, dueAt, at: now, missed };
  }

  private remove(name: string): void {
    const index = this.timers.findIndex((timer) => timer.name === name);
    if (index >= 0) this.timers.splice(index, 1);
  }

  private look(): void {
    this.nextAt = this.timers.reduce((least, { dueAt }) => Math.min(least, dueAt), Number.POSITIVE_INFINITY);
  }
}
