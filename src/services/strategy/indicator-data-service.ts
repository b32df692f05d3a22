import { injectable } from 'inversify';
import type { Decision } from '../../domain/decision.js';
import type { MarketSnapshot } from '../../domain/market.js';
import { inject } from '../../injection/inject.js';
import { MarketFeed } from '../../ports/venue/market-feed.js';
import { VenueSession } from '../../ports/venue/venue-session.js';
import { Clock } from '../../ports/configuration/clock.js';
import type { IndicatorData } from '../../ports/core-services/indicator-data.js';
import { Logger } from '../../ports/configuration/logger.js';
import { ConfigController } from '../../ports/configuration/settings/config-controller.js';
import { StrategyRegistry } from '../../ports/core-services/strategy.js';
import { SnapshotCache } from './snapshot-cache.js';
import { SpotEntryFilters } from './built-in/spot-entry-filters.js';
import { UNLIMITED } from '../../flow/unlimited-requests.js';
import { RequestBudget } from '../../ports/core-services/request-budget.js';

/**
 * Fetches what strategies asked for, and nothing else: snapshots for those that need them, candles where rules use
 * them.
 */
@injectable()
export class IndicatorDataService implements IndicatorData {
  private readonly snapshots: SnapshotCache;
  private readonly filters: SpotEntryFilters;

  constructor(
    @inject(VenueSession) session: VenueSession,
    @inject(MarketFeed) feed: MarketFeed,
    @inject(ConfigController) private readonly config: ConfigController,
    @inject(StrategyRegistry) private readonly registry: StrategyRegistry,
    @inject(Clock) clock: Clock,
    @inject(Logger) private readonly logger: Logger,
    @inject(RequestBudget) budget: RequestBudget = UNLIMITED,
  ) {
    this.snapshots = new SnapshotCache(session, feed, clock, logger, budget);
    this.filters = new SpotEntryFilters(feed, config, clock, logger, budget);
  }

  async refresh(symbol: string): Promise<void> {
    try {
      await Promise.all([
        this.needsSnapshot(symbol) ? this.snapshots.refresh(symbol) : undefined,
        this.filters.refresh(symbol),
      ]);
    } catch (error) {
      this.logger.error('Indicator data could not be refreshed', { symbol, error });
    }
  }

  needs(symbol: string): boolean {
    return this.needsSnapshot(symbol) || this.filters.applyTo(symbol);
  }

  snapshot(symbol: string, now: number): MarketSnapshot | undefined {
    return this.snapshots.read(symbol, now, this.config.current.risk.maxMarkStalenessMs);
  }

  entryBlock(symbol: string, now: number): Decision | undefined {
    return this.filters.block(symbol, now);
  }

  /** Sizing and the impact guard weigh an order against the same depth. */
  private needsSnapshot(symbol: string): boolean {
    const { risk } = this.config.current;
    return risk.dynamicPositionSizing || risk.marketImpactGuard || this.registry.strategyFor(symbol).needsSnapshot;
  }
}
