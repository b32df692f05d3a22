import { MarketActivityMonitor } from '../../src/services/monitor/market-activity-monitor.js';
import { BotLifecycleService } from '../../src/services/runtime/bot-lifecycle-service.js';
import { OrderedPartsSupervisor } from '../../src/services/runtime/ordered-parts-supervisor.js';
import { MarkedTradingCycle } from '../../src/services/runtime/marked-trading-cycle.js';
import { LifecycleService, PartsSupervisor, StatusSource } from '../../src/ports/market-services/lifecycle.js';
import { MarketData } from '../../src/ports/market-data/market-data.js';
import { MarketMonitor } from '../../src/ports/market-services/market-monitor.js';
import { StrategyOrchestrator } from '../../src/ports/core-services/strategy.js';
import { SystemMonitor } from '../../src/ports/core-services/system-monitor.js';
import { TradingCycle } from '../../src/ports/market-services/trading-cycle.js';
import { phase } from '../phase.js';
import { asStatus } from '../roles.js';

/** What watches the market, the cycle that reads it, and the run that repeats the cycle (docs/decisions/0004). */
export const marketServicesPhase = phase({
  name: 'market-services',
  requires: [MarketData, StrategyOrchestrator, SystemMonitor],
  bind({ bind }) {
    bind(MarketMonitor).to(MarketActivityMonitor).inSingletonScope();
    bind(StatusSource).toResolvedValue(asStatus('market-monitor'), [MarketMonitor]).inSingletonScope();
    bind(TradingCycle).to(MarkedTradingCycle).inSingletonScope();
    bind(PartsSupervisor).to(OrderedPartsSupervisor).inSingletonScope();
    bind(LifecycleService).to(BotLifecycleService).inSingletonScope();
  },
});
