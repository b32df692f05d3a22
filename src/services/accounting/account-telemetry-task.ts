import { injectable } from 'inversify';
import { inject } from '../../injection/inject.js';
import { AccountTelemetry } from '../../ports/accounting/accounts.js';
import type { BackgroundTask } from '../../ports/market-services/lifecycle.js';

/** The fourth continuous task of `run()`: spawned only where the venue offers account snapshots. */
@injectable()
export class AccountTelemetryTask implements BackgroundTask {
  readonly name = 'account-telemetry';

  constructor(@inject(AccountTelemetry) private readonly telemetry: AccountTelemetry) {}

  get enabled(): boolean {
    return this.telemetry.supportsSnapshots;
  }

  run(signal: AbortSignal): Promise<void> {
    return this.telemetry.run(signal);
  }
}
