import { LedgerPortfolio } from '../../src/services/accounting/ledger-portfolio.js';
import { OpenOrdersBook } from '../../src/services/accounting/open-orders-book.js';
import { MarkFreshnessMap } from '../../src/services/market-data/mark-freshness.js';
import { ReentrantMarkLock } from '../../src/services/market-data/mark-lock.js';
import { RingSeriesStore } from '../../src/services/market-data/series-store.js';
import { RingWindowStore } from '../../src/services/market-data/window-store.js';
import { GateLedgerImpl } from '../../src/services/runtime/state/gate-ledger.js';
import { LastDecisionsMap } from '../../src/services/runtime/state/last-decisions.js';
import { OrderStatsImpl } from '../../src/services/runtime/state/order-stats.js';
import { PendingWorkImpl } from '../../src/services/runtime/state/pending-work.js';
import { Sha256Trace } from '../../src/platform/sha256-trace.js';
import { MarkFreshness } from '../../src/ports/runtime-state/mark-freshness.js';
import { MarkLock } from '../../src/ports/runtime-state/mark-lock.js';
import { OpenOrders } from '../../src/ports/runtime-state/open-orders.js';
import { Portfolio } from '../../src/ports/runtime-state/portfolio.js';
import { GateLedger, LastDecisions, OrderStats, PendingWork } from '../../src/ports/runtime-state/runtime-state.js';
import { SeriesStore } from '../../src/ports/runtime-state/series.js';
import { ConfigController } from '../../src/ports/configuration/settings/config-controller.js';
import { Trace } from '../../src/ports/runtime-state/trace.js';
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
    bind(LastDecisions).to(LastDecisionsMap).inSingletonScope();
    bind(OrderStats).to(OrderStatsImpl).inSingletonScope();
    bind(GateLedger).to(GateLedgerImpl).inSingletonScope();
    bind(PendingWork).to(PendingWorkImpl).inSingletonScope();
    bind(Trace).to(Sha256Trace).inSingletonScope();
    bind(Portfolio).to(LedgerPortfolio).inSingletonScope();
    bind(OpenOrders).to(OpenOrdersBook).inSingletonScope();
  },
});
