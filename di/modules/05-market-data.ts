import { MarketDataService } from '../../src/services/market-data/market-data-service.js';
import { MarketFeed } from '../../src/ports/venue/market-feed.js';
import { Lifecycle, StatusSource } from '../../src/ports/market-services/lifecycle.js';
import { MarketData } from '../../src/ports/market-data/market-data.js';
import { MarkLock } from '../../src/ports/runtime-state/mark-lock.js';
import { ProductCatalogue } from '../../src/ports/core-services/product-catalogue.js';
import { StrategyRegistry } from '../../src/ports/core-services/strategy.js';
import { WindowStore } from '../../src/ports/runtime-state/window-store.js';
import { phase } from '../phase.js';
import { asPart, asStatus } from '../roles.js';

/** One door for marks, polled, streamed or historical; it starts by warming the windows. */
export const marketDataPhase = phase({
  name: 'market-data',
  requires: [MarketFeed, MarkLock, WindowStore, ProductCatalogue, StrategyRegistry],
  bind({ bind }) {
    bind(MarketData).to(MarketDataService).inSingletonScope();
    bind(Lifecycle).toResolvedValue(asPart('market-data'), [MarketData]).inSingletonScope();
    bind(StatusSource).toResolvedValue(asStatus('market-data'), [MarketData]).inSingletonScope();
  },
});
