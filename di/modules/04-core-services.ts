import { AccountStreamService } from '../../src/services/execution/account/account-stream-service.js';
import { AdvancedExecutionEngine } from '../../src/services/execution/engine/advanced-execution-engine.js';
import { ExecutionCoordinatorService } from '../../src/services/execution/coordinator/execution-coordinator-service.js';
import { LiveExecutionEngine } from '../../src/services/execution/engine/live-execution-engine.js';
import { OrderLogService } from '../../src/services/execution/orders/order-log-service.js';
import { ProtectiveStops } from '../../src/services/execution/protection/protective-stops.js';
import { SerialOrderGateway } from '../../src/services/execution/gateway/serial-order-gateway.js';
import { SharedRequestBudget } from '../../src/services/execution/gateway/shared-request-budget.js';
import { VenueOrderReconciler } from '../../src/services/execution/reconcile/venue-order-reconciler.js';
import { VenuePositionReconciler } from '../../src/services/execution/reconcile/venue-position-reconciler.js';
import { HonouredRequests } from '../../src/operator/control/honoured-requests.js';
import { OperatorCommands } from '../../src/operator/control/operator-commands.js';
import { OperatorReview } from '../../src/services/execution/review/operator-review.js';
import { CachedProductCatalogue } from '../../src/services/market-data/cached-product-catalogue.js';
import { StatusMonitor } from '../../src/services/monitor/status-monitor.js';
import { BookImpactEstimator } from '../../src/services/risk/book-impact-estimator.js';
import { MarketEntryPermit } from '../../src/services/risk/market-entry-permit.js';
import { LiveRiskManager } from '../../src/services/risk/live-risk-manager.js';
import { VenueFundingOutlook } from '../../src/services/risk/venue-funding-outlook.js';
import { RiskStatus } from '../../src/services/risk/risk-status.js';
import { OrderedRuntimeGuards } from '../../src/services/risk/guards/ordered-runtime-guards.js';
import { AccountRuntimeCoordinator } from '../../src/services/runtime/account-runtime-coordinator.js';
import { MeasuredVenueTime } from '../../src/services/runtime/measured-venue-time.js';
import { BaselineStrategyDefinition } from '../../src/services/strategy/built-in/baseline-strategy-definition.js';
import { ConfiguredStrategyRegistry } from '../../src/services/strategy/configured-strategy-registry.js';
import { EnhancedStrategyDefinition } from '../../src/services/strategy/built-in/enhanced-strategy-definition.js';
import { IndicatorDataService } from '../../src/services/strategy/indicator-data-service.js';
import { StrategyHostService } from '../../src/services/strategy/host/strategy-host-service.js';
import { StrategyOrchestratorService } from '../../src/services/strategy/strategy-orchestrator-service.js';
import { TallyKeeper } from '../../src/services/strategy/tally-keeper.js';
import { StrategyStateKeeper } from '../../src/services/strategy/strategy-state-keeper.js';
import { AccountReview } from '../../src/ports/core-services/account-review.js';
import { ControlDoor } from '../../src/ports/core-services/control-door.js';
import { Brokerage } from '../../src/ports/venue/brokerage.js';
import { EntryPermit } from '../../src/ports/core-services/entry-permit.js';
import { EventStore } from '../../src/ports/storage/event-store.js';
import {
  AccountStream,
  ExecutionCoordinator,
  ExecutionEngine,
  OrderGateway,
  OrderLog,
  OrderReconciler,
  PositionReconciler,
  RuntimeGuards,
} from '../../src/ports/core-services/execution.js';
import { IndicatorData } from '../../src/ports/core-services/indicator-data.js';
import {
  BackgroundTask,
  ImpactBooksTask,
  Lifecycle,
  OrderReconciliationTask,
  PositionReconciliationTask,
  RuntimeGuardsTask,
  StatusSource,
  VenueTimeTask,
} from '../../src/ports/market-services/lifecycle.js';
import { OperatorControl } from '../../src/ports/core-services/operator-control.js';
import { Portfolio } from '../../src/ports/runtime-state/portfolio.js';
import { Protection } from '../../src/ports/core-services/protection.js';
import { ProductCatalogue } from '../../src/ports/core-services/product-catalogue.js';
import { FundingOutlook, ImpactEstimator, RiskManager } from '../../src/ports/core-services/risk-manager.js';
import { RequestBudget } from '../../src/ports/core-services/request-budget.js';
import { RuntimeCoordinator } from '../../src/ports/core-services/runtime-coordinator.js';
import { SafetyLadder } from '../../src/ports/storage/safety-ladder.js';
import { StrategyDefinition, StrategyOrchestrator, StrategyRegistry } from '../../src/ports/core-services/strategy.js';
import { StrategyHost } from '../../src/ports/strategy/strategy-host.js';
import { SystemMonitor } from '../../src/ports/core-services/system-monitor.js';
import { VenueTimekeeper } from '../../src/ports/core-services/venue-timekeeper.js';
import { phase, type Binder } from '../phase.js';
import { asPart, asStatus, asTask, taskOf } from '../roles.js';
import { bindVenueRoles } from '../venue-roles.js';

/** Broker (from the world), then risk, strategy, execution: the order of the seed's bootstrap. */
export const coreServicesPhase = (engine: 'live' | 'advanced'): ReturnType<typeof phase> =>
  phase({
    name: 'core-services',
    requires: [Brokerage, ControlDoor, EventStore, SafetyLadder, Portfolio],
    bind(binder) {
      const { bind } = binder;
      bindVenueRoles(binder);
      bind(ProductCatalogue).to(CachedProductCatalogue).inSingletonScope();
      bindRisk(binder);
      bindStrategy(binder);
      bindExecution(binder, engine);
      bind(VenueTimekeeper).to(MeasuredVenueTime).inSingletonScope();
      bind(StatusSource).toService(VenueTimekeeper);
      bind(RuntimeCoordinator).to(AccountRuntimeCoordinator).inSingletonScope();
      bind(AccountReview).to(OperatorReview).inSingletonScope();
      bind(OperatorControl).to(OperatorCommands).inSingletonScope();
      // An account that hangs while it is connected or left can still be asked.
      bind(Lifecycle).toService(ControlDoor);
      bind(Lifecycle).toService(RuntimeCoordinator);
      bind(Lifecycle).to(HonouredRequests).inSingletonScope();
      bind(Lifecycle).to(StrategyStateKeeper).inSingletonScope();
      bind(Lifecycle).toResolvedValue(asPart('protective-stops'), [Protection]).inSingletonScope();
      bind(Lifecycle).to(TallyKeeper).inSingletonScope();
      bind(Lifecycle).toService(StrategyHost);
      bind(SystemMonitor).to(StatusMonitor).inSingletonScope();
      bindTasks(binder);
    },
  });

function bindRisk({ bind }: Binder): void {
  bind(ImpactEstimator).to(BookImpactEstimator).inSingletonScope();
  bind(FundingOutlook).to(VenueFundingOutlook).inSingletonScope();
  bind(EntryPermit).to(MarketEntryPermit).inSingletonScope();
  bind(RiskManager).to(LiveRiskManager).inSingletonScope();
  bind(StatusSource).to(RiskStatus).inSingletonScope();
}

function bindStrategy({ bind }: Binder): void {
  bind(StrategyDefinition).to(BaselineStrategyDefinition).inSingletonScope();
  bind(StrategyDefinition).to(EnhancedStrategyDefinition).inSingletonScope();
  bind(StrategyRegistry).to(ConfiguredStrategyRegistry).inSingletonScope();
  bind(IndicatorData).to(IndicatorDataService).inSingletonScope();
  bind(StrategyHost).to(StrategyHostService).inSingletonScope();
  bind(StatusSource).toResolvedValue(asStatus('strategy-host'), [StrategyHost]).inSingletonScope();
  bind(StrategyOrchestrator).to(StrategyOrchestratorService).inSingletonScope();
}

function bindExecution({ bind }: Binder, engine: 'live' | 'advanced'): void {
  bind(OrderLog).to(OrderLogService).inSingletonScope();
  bind(RequestBudget).to(SharedRequestBudget).inSingletonScope();
  bind(AccountStream).to(AccountStreamService).inSingletonScope();
  bind(StatusSource).toResolvedValue(asStatus('account'), [AccountStream]).inSingletonScope();
  bind(OrderGateway).to(SerialOrderGateway).inSingletonScope();
  if (engine === 'advanced') bind(ExecutionEngine).to(AdvancedExecutionEngine).inSingletonScope();
  else bind(ExecutionEngine).to(LiveExecutionEngine).inSingletonScope();
  bind(RuntimeGuards).to(OrderedRuntimeGuards).inSingletonScope();
  bind(StatusSource).toResolvedValue(asStatus('guards'), [RuntimeGuards]).inSingletonScope();
  bind(OrderReconciler).to(VenueOrderReconciler).inSingletonScope();
  bind(PositionReconciler).to(VenuePositionReconciler).inSingletonScope();
  bind(Protection).to(ProtectiveStops).inSingletonScope();
  bind(StatusSource).toResolvedValue(asStatus('protective-stops'), [Protection]).inSingletonScope();
  bind(ExecutionCoordinator).to(ExecutionCoordinatorService).inSingletonScope();
}

/**
 * In the seed's order; the fourth, telemetry, comes with accounting. Each has a token of its own, which the collection
 * follows.
 */
function bindTasks({ bind }: Binder): void {
  bind(RuntimeGuardsTask)
    .toResolvedValue(
      taskOf('runtime-guards', (coordinator: ExecutionCoordinator, signal) => coordinator.runRuntimeGuards(signal)),
      [ExecutionCoordinator],
    )
    .inSingletonScope();
  bind(OrderReconciliationTask)
    .toResolvedValue(
      taskOf('order-reconciliation', (coordinator: ExecutionCoordinator, signal) =>
        coordinator.runOrderReconciliation(signal),
      ),
      [ExecutionCoordinator],
    )
    .inSingletonScope();
  bind(ImpactBooksTask).toResolvedValue(asTask('impact-books'), [ImpactEstimator]).inSingletonScope();
  bind(VenueTimeTask).toService(VenueTimekeeper);
  bind(PositionReconciliationTask)
    .toResolvedValue(
      taskOf('position-reconciliation', (monitor: SystemMonitor, signal) => monitor.runPositionReconciliation(signal)),
      [SystemMonitor],
    )
    .inSingletonScope();
  for (const task of [
    RuntimeGuardsTask,
    OrderReconciliationTask,
    ImpactBooksTask,
    PositionReconciliationTask,
    VenueTimeTask,
  ])
    bind(BackgroundTask).toService(task);
}
