import { HOUR_MS } from '../domain/time-spans.js';

/** How often an error that stays is said again, and how rarely at last. */
const FIRST_PAUSE_MS = 60_000;
const LONGEST_PAUSE_MS = HOUR_MS;
/** Silence after which it is over. */
const QUIET_MS = 300_000;
const LOOK_MS = 10_000;
/** Different lines kept in mind; beyond them the oldest is forgotten, and said again when it comes. */
const MOST = 256;

interface Line {
  readonly since: number;
  last: number;
  pauseMs: number;
  nextAt: number;
  count: number;
  untold: number;
}

/** What is added to a line that stands for more than itself. */
export interface Repeats {
  readonly repeated: number;
  readonly since: string;
}

/**
 * Keeps an outage from filling the log with one line: the first is said, then one with a count after growing pauses,
 * and one when it is over. Lines that differ in anything are different lines.
 */
export class RepeatedLines {
  private readonly lines = new Map<string, Line>();
  private lookAt = 0;

  /** Undefined: not to be said now. */
  take(key: string, now: number): Repeats | Readonly<Record<string, never>> | undefined {
    const line = this.lines.get(key);
    if (line === undefined) {
      if (this.lines.size >= MOST) this.lines.delete(this.lines.keys().next().value as string);
      const nextAt = now + FIRST_PAUSE_MS;
      this.lines.set(key, { since: now, last: now, pauseMs: FIRST_PAUSE_MS, nextAt, count: 1, untold: 0 });
      return {};
    }
    line.last = now;
    line.count += 1;
    line.untold += 1;
    if (now < line.nextAt) return undefined;
    line.pauseMs = Math.min(2 * line.pauseMs, LONGEST_PAUSE_MS);
    line.nextAt = now + line.pauseMs;
    line.untold = 0;
    return { repeated: line.count, since: new Date(line.since).toISOString() };
  }

  /** Those that are over since the last look, with what was not said of them. */
  ended(now: number): readonly (readonly [key: string, repeats: Repeats])[] {
    if (this.lines.size === 0 || now < this.lookAt) return [];
    this.lookAt = now + LOOK_MS;
    const over: (readonly [string, Repeats])[] = [];
    for (const [key, { last, count, since }] of this.lines) {
      if (now - last < QUIET_MS) continue;
      this.lines.delete(key);
      if (count > 1) over.push([key, { repeated: count, since: new Date(since).toISOString() }]);
    }
    return over;
  }
}
