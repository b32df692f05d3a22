import { AccountManager, AccountTelemetry } from '../src/ports/accounting/accounts.js';
import { Brokerage } from '../src/ports/venue/brokerage.js';
import { VENUE_ROLES } from './venue-roles.js';
import { BuildIdentity } from '../src/ports/configuration/build-identity.js';
import { Clock, HostClock } from '../src/ports/configuration/clock.js';
import { EntryPermit } from '../src/ports/core-services/entry-permit.js';
import { DeadManSwitch } from '../src/ports/core-services/dead-man-switch.js';
import { RequestBudget } from '../src/ports/core-services/request-budget.js';
import { AccountLock } from '../src/ports/storage/account-lock.js';
import { EventStore } from '../src/ports/storage/event-store.js';
import {
  AccountStream,
  ExecutionCoordinator,
  ExecutionEngine,
  OrderGateway,
  OrderLog,
  OrderReconciler,
  PositionReconciler,
  RuntimeGuards,
} from '../src/ports/core-services/execution.js';
import { ControlDoor } from '../src/ports/core-services/control-door.js';
import { Files } from '../src/ports/configuration/files.js';
import { IndicatorData } from '../src/ports/core-services/indicator-data.js';
import {
  AccountTelemetryTask,
  BackgroundTask,
  ImpactBooksTask,
  Lifecycle,
  LifecycleService,
  OrderReconciliationTask,
  PartsSupervisor,
  PositionReconciliationTask,
  RuntimeGuardsTask,
  StatusSource,
  VenueTimeTask,
} from '../src/ports/market-services/lifecycle.js';
import { LogOutput, Logger } from '../src/ports/configuration/logger.js';
import { MarkFreshness } from '../src/ports/runtime-state/mark-freshness.js';
import { QuotePrices } from '../src/ports/runtime-state/quote-prices.js';
import { MarkLock } from '../src/ports/runtime-state/mark-lock.js';
import { MarketData } from '../src/ports/market-data/market-data.js';
import { MarketMonitor } from '../src/ports/market-services/market-monitor.js';
import { ForeignOrders } from '../src/ports/runtime-state/foreign-orders.js';
import { OpenOrders } from '../src/ports/runtime-state/open-orders.js';
import { OperatorRequests } from '../src/ports/storage/operator-requests.js';
import { AccountReview } from '../src/ports/core-services/account-review.js';
import { OperatorControl } from '../src/ports/core-services/operator-control.js';
import { OrdersStore } from '../src/ports/storage/orders-store.js';
import { Portfolio } from '../src/ports/runtime-state/portfolio.js';
import { ProductCatalogue } from '../src/ports/core-services/product-catalogue.js';
import { Protection } from '../src/ports/core-services/protection.js';
import { Random } from '../src/ports/configuration/random.js';
import { Redactor } from '../src/ports/configuration/redactor.js';
import { FundingOutlook, ImpactEstimator, RiskManager } from '../src/ports/core-services/risk-manager.js';
import { RuntimeCoordinator } from '../src/ports/core-services/runtime-coordinator.js';
import { GateLedger, LastDecisions, OrderStats, PendingWork } from '../src/ports/runtime-state/runtime-state.js';
import { SafetyLadder } from '../src/ports/storage/safety-ladder.js';
import { HostScheduler, Scheduler } from '../src/ports/configuration/scheduler.js';
import { SeriesStore } from '../src/ports/runtime-state/series.js';
import { SessionGuard } from '../src/ports/configuration/session-guard.js';
import { ConfigController } from '../src/ports/configuration/settings/config-controller.js';
import { StrategyDefinition, StrategyOrchestrator, StrategyRegistry } from '../src/ports/core-services/strategy.js';
import { Streaming } from '../src/ports/streaming/streaming.js';
import { SystemMonitor } from '../src/ports/core-services/system-monitor.js';
import { StrategyHost } from '../src/ports/strategy/strategy-host.js';
import { Trace } from '../src/ports/runtime-state/trace.js';
import { TradingCycle } from '../src/ports/market-services/trading-cycle.js';
import { VenueContact } from '../src/ports/runtime-state/venue-contact.js';
import { VenueCredentials } from '../src/ports/configuration/venue-credentials.js';
import { VenueTime } from '../src/ports/configuration/venue-time.js';
import { VenueTimekeeper } from '../src/ports/core-services/venue-timekeeper.js';
import { WindowStore } from '../src/ports/runtime-state/window-store.js';

/** Everything that can be rebound in every world, by phase. */
export const TOKENS = {
  configuration: {
    ConfigController,
    Clock,
    VenueTime,
    Scheduler,
    HostClock,
    HostScheduler,
    BuildIdentity,
    Random,
    Files,
    Redactor,
    VenueCredentials,
    LogOutput,
    Logger,
    SessionGuard,
  },
  runtimeState: {
    MarkLock,
    WindowStore,
    SeriesStore,
    MarkFreshness,
    QuotePrices,
    LastDecisions,
    OrderStats,
    GateLedger,
    PendingWork,
    Trace,
    Portfolio,
    OpenOrders,
    ForeignOrders,
    VenueContact,
  },
  storage: { EventStore, AccountLock, OrdersStore, OperatorRequests, SafetyLadder },
  coreServices: {
    Brokerage,
    ...VENUE_ROLES,
    ProductCatalogue,
    ImpactEstimator,
    FundingOutlook,
    EntryPermit,
    RiskManager,
    StrategyDefinition,
    StrategyRegistry,
    StrategyHost,
    IndicatorData,
    StrategyOrchestrator,
    OrderLog,
    RequestBudget,
    DeadManSwitch,
    AccountStream,
    OrderGateway,
    ExecutionEngine,
    RuntimeGuards,
    OrderReconciler,
    PositionReconciler,
    Protection,
    ExecutionCoordinator,
    VenueTimekeeper,
    RuntimeCoordinator,
    AccountReview,
    OperatorControl,
    ControlDoor,
    SystemMonitor,
    RuntimeGuardsTask,
    OrderReconciliationTask,
    PositionReconciliationTask,
    ImpactBooksTask,
    VenueTimeTask,
  },
  marketData: { MarketData },
  accounting: { AccountManager, AccountTelemetry, AccountTelemetryTask },
  marketServices: { MarketMonitor, TradingCycle, PartsSupervisor, LifecycleService },
  streaming: { Streaming },
  /** Collected from every phase; bind more of them, do not rebind them. */
  contributions: { Lifecycle, BackgroundTask, StatusSource },
} as const;

export { createBot, composeBot, type CreateBotOptions } from './create-bot.js';
export { PerpsBot } from './bot.js';
export { controlApi } from './extensions/control-api.js';
export { ControlApi, type ControlApiPorts } from '../src/operator/api/control-api.js';
export { type ApiAnswer, type ApiRequest } from '../src/operator/api/exchange.js';
export { type ApiGateOptions } from '../src/operator/api/api-gate.js';
export { API_ROUTES, type ApiRoute } from '../src/operator/api/routes.js';
export { newApiToken, type ApiScope, type ApiToken } from '../src/operator/api/tokens.js';
export type { BotContainer } from './container.js';
export type { Composition } from './compose.js';
export type { Graph } from './graph.js';
export type { Verification } from './verify.js';
export { phase, type Phase, type WorldBindings } from './phase.js';
export { token, type Token } from '../src/injection/token.js';
export { inject, injectAll } from '../src/injection/inject.js';
export { Decimal } from '../src/domain/decimal.js';
export { PerpsBotError, ERRORS, type ErrorCode } from '../src/domain/errors.js';
export { hold, type Decision } from '../src/domain/decision.js';
export {
  Instrument,
  MoneyUnit,
  type InstrumentSpec,
  type InstrumentStatus,
  type PriceBand,
} from '../src/domain/instrument.js';
export type * from '../src/domain/market.js';
export type * from '../src/domain/order.js';
export { lots, ticks, type Lots, type MarkUnits, type Ticks, type Units } from '../src/domain/units.js';
export { bookFees } from '../src/domain/fees.js';
export { venueOrderId } from '../src/domain/order.js';
export type * from '../src/domain/order-state.js';
export type { Position } from '../src/domain/position.js';
export * from '../src/services/strategy/define/index.js';
export { eventStrategy } from '../src/services/strategy/host/by-events.js';
export * from '../src/services/strategy/indicators/index.js';
export * from './ports.js';
export { loadConfig, resolveConfig } from '../config/index.js';
