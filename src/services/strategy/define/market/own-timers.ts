import type { Json } from '../../../../ports/storage/event-store.js';
import type { StrategyDesk } from '../../../../ports/strategy/strategy-desk.js';
import { durationMs, scheduleOf } from './schedules.js';

const AFTER = 'after ';
const EVERY = 'every ';

/** Whose timer was due. */
export interface DueTimer {
  readonly kind: 'after' | 'every';
  readonly name: string;
}

/** The timers of a strategy's own, and its schedules: under names that nothing else has. */
export class OwnTimers {
  private readonly dueAt = new Map<string, number>();
  private readonly schedules: ReadonlyMap<string, (after: number) => number>;
  private areSet = false;

  constructor(schedules: readonly string[]) {
    this.schedules = new Map(schedules.map((text) => [text, scheduleOf(text)]));
  }

  /** Sets the schedules, and what was left of timers of a life before: those that are overdue first thing. Once. */
  begin(desk: StrategyDesk): void {
    if (this.areSet) return;
    this.areSet = true;
    for (const [name, dueAt] of this.dueAt) desk.setTimer(AFTER + name, Math.max(1, dueAt - desk.now));
    for (const text of this.schedules.keys()) this.next(desk, text);
  }

  after(desk: StrategyDesk, delay: string, name: string): void {
    const ms = durationMs(delay);
    desk.setTimer(AFTER + name, ms);
    this.dueAt.set(name, desk.now + ms);
  }

  clear(desk: StrategyDesk, name: string): void {
    this.dueAt.delete(name);
    desk.clearTimer(AFTER + name);
  }

  /** A timer was due; undefined for one that is none of these. A schedule is set for its next time. */
  due(desk: StrategyDesk, timer: string): DueTimer | undefined {
    if (timer.startsWith(AFTER)) {
      const name = timer.slice(AFTER.length);
      this.dueAt.delete(name);
      return { kind: 'after', name };
    }
    if (!timer.startsWith(EVERY)) return undefined;
    const name = timer.slice(EVERY.length);
    this.next(desk, name);
    return { kind: 'every', name };
  }

  snapshot(): Json | undefined {
    if (this.dueAt.size === 0) return undefined;
    return [...this.dueAt].map(([name, dueAt]) => ({ name, due_at: dueAt }));
  }

  restore(saved: Json | undefined): void {
    for (const each of Array.isArray(saved) ? (saved as readonly Json[]) : []) {
      const { name, due_at: dueAt } = (typeof each === 'object' && each !== null ? each : {}) as Record<string, Json>;
      if (typeof name === 'string' && typeof dueAt === 'number') this.dueAt.set(name, dueAt);
    }
  }

  private next(desk: StrategyDesk, text: string): void {
    const at = this.schedules.get(text)?.(desk.now);
    if (at !== undefined) desk.setTimer(EVERY + text, at - desk.now);
  }
}
