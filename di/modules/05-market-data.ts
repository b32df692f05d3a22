import { MarketDataService } from '../../src/services/market-data/market-data-service.js';
import { Brokerage } from '../../src/ports/brokerage.js';
import { Lifecycle, StatusSource } from '../../src/ports/lifecycle.js';
import { MarketData } from '../../src/ports/market-data.js';
import { MarkLock } from '../../src/ports/mark-lock.js';
import { ProductCatalogue } from '../../src/ports/product-catalogue.js';
import { StrategyRegistry } from '../../src/ports/strategy.js';
import { WindowStore } from '../../src/ports/window-store.js';
import { phase } from '../phase.js';

/** One door for marks, polled, streamed or historical; it starts by warming the windows. */
export const marketDataPhase = phase({
  name: 'market-data',
  requires: [Brokerage, MarkLock, WindowStore, ProductCatalogue, StrategyRegistry],
  bind({ bind, bindClass }) {
    bindClass(MarketDataService).inSingletonScope();
    bind(MarketData).toService(MarketDataService);
    bind(Lifecycle).toService(MarketDataService);
    bind(StatusSource).toService(MarketDataService);
  },
});
