import { MarketDataService } from '../../src/services/market-data/market-data-service.js';
import { Brokerage } from '../../src/ports/brokerage.js';
import { Lifecycle, StatusSource } from '../../src/ports/lifecycle.js';
import { MarketData } from '../../src/ports/market-data.js';
import { MarkLock } from '../../src/ports/mark-lock.js';
import { ProductCatalogue } from '../../src/ports/product-catalogue.js';
import { StrategyRegistry } from '../../src/ports/strategy.js';
import { WindowStore } from '../../src/ports/window-store.js';
import { phase } from '../phase.js';
import { asPart, asStatus } from '../roles.js';

/** One door for marks, polled, streamed or historical; it starts by warming the windows. */
export const marketDataPhase = phase({
  name: 'market-data',
  requires: [Brokerage, MarkLock, WindowStore, ProductCatalogue, StrategyRegistry],
  bind({ bind }) {
    bind(MarketData).to(MarketDataService).inSingletonScope();
    bind(Lifecycle).toResolvedValue(asPart('market-data'), [MarketData]).inSingletonScope();
    bind(StatusSource).toResolvedValue(asStatus('market-data'), [MarketData]).inSingletonScope();
  },
});
