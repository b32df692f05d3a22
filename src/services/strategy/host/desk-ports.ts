import type { Clock } from '../../../ports/configuration/clock.js';
import type { ConfigController } from '../../../ports/configuration/settings/config-controller.js';
import type { Logger } from '../../../ports/configuration/logger.js';
import type { ExecutionCoordinator, OrderLog } from '../../../ports/core-services/execution.js';
import type { IndicatorData } from '../../../ports/core-services/indicator-data.js';
import type { ProductCatalogue } from '../../../ports/core-services/product-catalogue.js';
import type { Portfolio } from '../../../ports/runtime-state/portfolio.js';
import type { GateLedger, PendingWork } from '../../../ports/runtime-state/runtime-state.js';
import type { EventStore } from '../../../ports/storage/event-store.js';
import type { SafetyLadder } from '../../../ports/storage/safety-ladder.js';
import type { VenueSession } from '../../../ports/venue/venue-session.js';

/** What a desk reaches the bot by. */
export interface DeskPorts {
  readonly config: Pick<ConfigController, 'current'>;
  readonly coordinator: Pick<
    ExecutionCoordinator,
    'executeIntent' | 'executeIntents' | 'amend' | 'withdraw' | 'isClosing' | 'stopClosing'
  >;
  readonly log: Pick<OrderLog, 'find' | 'open' | 'replace'>;
  readonly portfolio: Portfolio;
  readonly catalogue: Pick<ProductCatalogue, 'find'>;
  readonly indicators: Pick<IndicatorData, 'entryBlock' | 'snapshot'>;
  readonly ledger: GateLedger;
  readonly journal: EventStore;
  readonly pending: PendingWork;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly safety: Pick<SafetyLadder, 'state'>;
  readonly session: Pick<VenueSession, 'capabilities'>;
}
