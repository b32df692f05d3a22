import type { Rejection } from './market-filters.js';

const COUNTER: Readonly<Record<Rejection['type'], string>> = {
  spread: 'filter_spread',
  depth: 'filter_depth',
  volume: 'filter_volume',
  rsi: 'filter_rsi',
  snapshot: 'filter_snapshot',
  liquidation: 'guard_liquidation',
  slippage: 'guard_slippage',
};

/** How often entries were made and how often each condition held one back. */
export class RejectionCounters {
  private readonly counts: Record<string, number> = Object.fromEntries(Object.values(COUNTER).map((name) => [name, 0]));
  private staleData = 0;
  private accepted = 0;

  rejected(type: Rejection['type']): void {
    const name = COUNTER[type];
    this.counts[name] = (this.counts[name] ?? 0) + 1;
  }

  /** Once per value decided on without fresh data. */
  stale(): void {
    this.staleData += 1;
  }

  entered(): void {
    this.accepted += 1;
  }

  /** `acceptance_rate` is 0 while nothing has been tried; stale data is no attempt at an entry. */
  metrics(): Readonly<Record<string, number>> {
    const total = Object.values(this.counts).reduce((sum, count) => sum + count, 0);
    const tried = total + this.accepted;
    return {
      ...this.counts,
      stale_data: this.staleData,
      total_rejections: total,
      entries_accepted: this.accepted,
      acceptance_rate: tried === 0 ? 0 : this.accepted / tried,
    };
  }
}
