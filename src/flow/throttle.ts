import { MINUTE_MS } from '../domain/time-spans.js';

/**
 * Lets the first of a kind through at once, then one per interval, and counts those that it keeps back. A clock that is
 * set back ends the interval: silence never lasts longer than it.
 */
export class Throttle {
  private at = Number.NaN;
  private suppressed = 0;

  /** How many were kept back since the last one let through; undefined when this one is kept back too. */
  pass(now: number, everyMs: number = MINUTE_MS): number | undefined {
    if (Math.abs(now - this.at) < everyMs) {
      this.suppressed += 1;
      return undefined;
    }
    const { suppressed } = this;
    this.at = now;
    this.suppressed = 0;
    return suppressed;
  }
}

/** A throttle for each kind of each subject, found without putting texts together: some are asked at every bar. */
export class Throttles {
  private readonly subjects = new Map<string, Map<string, Throttle>>();

  pass(subject: string, kind: string, now: number, everyMs?: number): number | undefined {
    let kinds = this.subjects.get(subject);
    if (kinds === undefined) this.subjects.set(subject, (kinds = new Map<string, Throttle>()));
    let throttle = kinds.get(kind);
    if (throttle === undefined) kinds.set(kind, (throttle = new Throttle()));
    return throttle.pass(now, everyMs);
  }
}
