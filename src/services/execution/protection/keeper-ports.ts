import type { Order } from '../../../domain/order.js';
import type { Clock } from '../../../ports/configuration/clock.js';
import type { Logger } from '../../../ports/configuration/logger.js';
import type { Scheduler } from '../../../ports/configuration/scheduler.js';
import type { ConfigController } from '../../../ports/configuration/settings/config-controller.js';
import type { RequestBudget } from '../../../ports/core-services/request-budget.js';
import type { ExecutionEngine, OrderLog } from '../../../ports/core-services/execution.js';
import type { StrategyRegistry } from '../../../ports/core-services/strategy.js';
import type { MarkFreshness } from '../../../ports/runtime-state/mark-freshness.js';
import type { OpenOrders } from '../../../ports/runtime-state/open-orders.js';
import type { Portfolio } from '../../../ports/runtime-state/portfolio.js';
import type { PendingWork } from '../../../ports/runtime-state/runtime-state.js';
import type { SafetyLadder } from '../../../ports/storage/safety-ladder.js';
import type { VenueSession } from '../../../ports/venue/venue-session.js';
import type { CoverProbe } from './cover-probe.js';
import type { PlannedStops } from './planned-stops.js';
import type { Withdrawals } from './withdrawals.js';

/** What whoever keeps stops reaches the bot by. */
export interface KeeperPorts {
  readonly config: ConfigController;
  readonly registry: StrategyRegistry;
  readonly portfolio: Portfolio;
  readonly freshness: MarkFreshness;
  readonly openOrders: OpenOrders;
  readonly log: OrderLog;
  readonly engine: ExecutionEngine;
  readonly session: VenueSession;
  readonly ladder: SafetyLadder;
  readonly pending: PendingWork;
  readonly scheduler: Scheduler;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly planned: PlannedStops;
  readonly probe: CoverProbe;
  readonly withdrawals: Withdrawals;
  readonly budget: RequestBudget;
  /** The stop that was to sleep behind this entry was refused before either left. */
  readonly uncovered: (entry: Order) => void;
}
