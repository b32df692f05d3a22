import { AccountManagerService } from '../../src/services/accounting/account-manager-service.js';
import { AccountTelemetryService } from '../../src/services/accounting/account-telemetry-service.js';
import { AccountManager, AccountTelemetry } from '../../src/ports/accounting/accounts.js';
import { AccountAccess } from '../../src/ports/venue/account-access.js';
import { EventStore } from '../../src/ports/storage/event-store.js';
import { AccountTelemetryTask, BackgroundTask } from '../../src/ports/market-services/lifecycle.js';
import { phase } from '../phase.js';
import { taskOf } from '../roles.js';

/** Spawned only where the venue offers account snapshots. */
export const accountTelemetryTask = taskOf(
  'account-telemetry',
  (telemetry: AccountTelemetry, signal) => telemetry.run(signal),
  (telemetry) => telemetry.supportsSnapshots,
);

/** Account snapshots, where the venue offers them, and the fourth task that publishes them. */
export const accountingPhase = phase({
  name: 'accounting',
  requires: [AccountAccess, EventStore],
  bind({ bind }) {
    bind(AccountManager).to(AccountManagerService).inSingletonScope();
    bind(AccountTelemetry).to(AccountTelemetryService).inSingletonScope();
    bind(AccountTelemetryTask).toResolvedValue(accountTelemetryTask, [AccountTelemetry]).inSingletonScope();
    bind(BackgroundTask).toService(AccountTelemetryTask);
  },
});
