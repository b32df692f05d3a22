import { Throttle } from '../../../../flow/throttle.js';

/** Whoever writes numbers into its reasons gets no memory of each. */
const MOST_KINDS = 256;

/** Lets one of a kind through a minute, and counts those between. Allocates nothing after a kind's first time. */
export class SampledRecords {
  private readonly kinds = new Map<string, Throttle>();
  /** How many of its kind were kept back before the one that was let through last. */
  suppressed = 0;

  take(kind: string, now: number): boolean {
    let throttle = this.kinds.get(kind);
    if (throttle === undefined) {
      if (this.kinds.size >= MOST_KINDS) this.kinds.clear();
      this.kinds.set(kind, (throttle = new Throttle()));
    }
    const suppressed = throttle.pass(now);
    if (suppressed === undefined) return false;
    this.suppressed = suppressed;
    return true;
  }
}
