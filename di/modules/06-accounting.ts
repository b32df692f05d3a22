import { AccountManagerService } from '../../src/services/accounting/account-manager-service.js';
import { AccountTelemetryService } from '../../src/services/accounting/account-telemetry-service.js';
import { AccountTelemetryTask } from '../../src/services/accounting/account-telemetry-task.js';
import { AccountManager, AccountTelemetry } from '../../src/ports/accounting/accounts.js';
import { Brokerage } from '../../src/ports/core-services/brokerage.js';
import { EventStore } from '../../src/ports/storage/event-store.js';
import { BackgroundTask } from '../../src/ports/market-services/lifecycle.js';
import { phase } from '../phase.js';

/** Account snapshots, where the venue offers them, and the fourth task that publishes them. */
export const accountingPhase = phase({
  name: 'accounting',
  requires: [Brokerage, EventStore],
  bind({ bind }) {
    bind(AccountManager).to(AccountManagerService).inSingletonScope();
    bind(AccountTelemetry).to(AccountTelemetryService).inSingletonScope();
    bind(BackgroundTask).to(AccountTelemetryTask).inSingletonScope();
  },
});
