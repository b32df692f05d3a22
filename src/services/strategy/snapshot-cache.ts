import { readSnapshot } from '../../border/market.js';
import type { MarketSnapshot } from '../../domain/market.js';
import type { MarketFeed } from '../../ports/venue/market-feed.js';
import type { VenueSession } from '../../ports/venue/venue-session.js';
import type { Clock } from '../../ports/configuration/clock.js';
import type { Logger } from '../../ports/configuration/logger.js';
import { askUnlessHeld } from '../../flow/left-alone.js';
import { UNLIMITED } from '../../flow/unlimited-requests.js';
import type { RequestBudget } from '../../ports/core-services/request-budget.js';

interface Kept {
  readonly snapshot: MarketSnapshot;
  readonly fetchedAt: number;
}

/** Newest market snapshot per symbol. A failed fetch removes the old one: depth that is not known is not assumed. */
export class SnapshotCache {
  private readonly kept = new Map<string, Kept>();
  private readonly failing = new Set<string>();

  constructor(
    private readonly session: VenueSession,
    private readonly feed: MarketFeed,
    private readonly clock: Clock,
    private readonly logger: Logger,
    private readonly budget: RequestBudget = UNLIMITED,
  ) {}

  async refresh(symbol: string): Promise<void> {
    if (!this.session.capabilities.marketSnapshots) return;
    const { budget, clock } = this;
    try {
      const snapshot = readSnapshot(await askUnlessHeld(() => this.feed.getMarketSnapshot(symbol), { budget, clock }));
      this.kept.set(symbol, { snapshot, fetchedAt: this.clock.now() });
      this.failing.delete(symbol);
    } catch (error) {
      this.kept.delete(symbol);
      if (!this.failing.has(symbol)) this.logger.warn('Market snapshot is not available', { symbol, error });
      this.failing.add(symbol);
    }
  }

  read(symbol: string, now: number, maxAgeMs: number): MarketSnapshot | undefined {
    const kept = this.kept.get(symbol);
    return kept !== undefined && now - kept.fetchedAt <= maxAgeMs ? kept.snapshot : undefined;
  }
}
