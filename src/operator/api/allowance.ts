import type { HostClock } from '../../ports/configuration/clock.js';

/** However many names somebody thinks of, no more of them are remembered. */
const MOST_KEYS = 1_024;

/** Counts by key within a window of host time; what it remembers is bounded. */
export class Allowance {
  private readonly counted = new Map<string, { readonly since: number; count: number }>();

  constructor(
    private readonly windowMs: number,
    private readonly clock: Pick<HostClock, 'monotonic'>,
  ) {}

  /** How often within the window that runs, this time included. */
  count(key: string): number {
    const now = this.clock.monotonic();
    const found = this.counted.get(key);
    if (found !== undefined && now - found.since < this.windowMs) return ++found.count;
    this.counted.delete(key);
    const [oldest] = this.counted.keys();
    if (this.counted.size >= MOST_KEYS && oldest !== undefined) this.counted.delete(oldest);
    this.counted.set(key, { since: now, count: 1 });
    return 1;
  }

  get size(): number {
    return this.counted.size;
  }
}
