import { ForeignOrdersBook } from '../../src/services/accounting/foreign-orders-book.js';
import { JournaledMoney } from '../../src/services/accounting/journaled-money.js';
import { LedgerPortfolio } from '../../src/services/accounting/ledger-portfolio.js';
import { OpenOrdersBook } from '../../src/services/accounting/open-orders-book.js';
import { MarkFreshnessMap } from '../../src/services/market-data/mark-freshness-map.js';
import { QuotePriceMap } from '../../src/services/market-data/quote-price-map.js';
import { ReentrantMarkLock } from '../../src/services/market-data/reentrant-mark-lock.js';
import { RingSeriesStore } from '../../src/services/market-data/ring-series-store.js';
import { RingWindowStore } from '../../src/services/market-data/ring-window-store.js';
import { CountingGateLedger } from '../../src/services/runtime/state/counting-gate-ledger.js';
import { LastDecisionsMap } from '../../src/services/runtime/state/last-decisions-map.js';
import { NotedVenueContact } from '../../src/services/runtime/state/noted-venue-contact.js';
import { SharedOrderStats } from '../../src/services/runtime/state/shared-order-stats.js';
import { CountedPendingWork } from '../../src/services/runtime/state/counted-pending-work.js';
import { AccountMoney } from '../../src/ports/runtime-state/account-money.js';
import { ForeignOrders } from '../../src/ports/runtime-state/foreign-orders.js';
import { MarkFreshness } from '../../src/ports/runtime-state/mark-freshness.js';
import { MarkLock } from '../../src/ports/runtime-state/mark-lock.js';
import { OpenOrders } from '../../src/ports/runtime-state/open-orders.js';
import { Portfolio } from '../../src/ports/runtime-state/portfolio.js';
import { GateLedger, LastDecisions, OrderStats, PendingWork } from '../../src/ports/runtime-state/runtime-state.js';
import { QuotePrices } from '../../src/ports/runtime-state/quote-prices.js';
import { SeriesStore } from '../../src/ports/runtime-state/series.js';
import { ConfigController } from '../../src/ports/configuration/settings/config-controller.js';
import { VenueContact } from '../../src/ports/runtime-state/venue-contact.js';
import { WindowStore } from '../../src/ports/runtime-state/window-store.js';
import { phase } from '../phase.js';

/** The shared state of the seed, one instance and one writer each. */
export const runtimeStatePhase = phase({
  name: 'runtime-state',
  requires: [ConfigController],
  bind({ bind }) {
    bind(MarkLock).to(ReentrantMarkLock).inSingletonScope();
    bind(WindowStore).to(RingWindowStore).inSingletonScope();
    bind(SeriesStore).to(RingSeriesStore).inSingletonScope();
    bind(MarkFreshness).to(MarkFreshnessMap).inSingletonScope();
    bind(QuotePrices).to(QuotePriceMap).inSingletonScope();
    bind(LastDecisions).to(LastDecisionsMap).inSingletonScope();
    bind(OrderStats).to(SharedOrderStats).inSingletonScope();
    bind(GateLedger).to(CountingGateLedger).inSingletonScope();
    bind(PendingWork).to(CountedPendingWork).inSingletonScope();
    bind(AccountMoney).to(JournaledMoney).inSingletonScope();
    bind(Portfolio).to(LedgerPortfolio).inSingletonScope();
    bind(OpenOrders).to(OpenOrdersBook).inSingletonScope();
    bind(ForeignOrders).to(ForeignOrdersBook).inSingletonScope();
    bind(VenueContact).to(NotedVenueContact).inSingletonScope();
  },
});
