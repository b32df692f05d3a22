import { token } from '../../injection/token.js';
import type { ConversionRequest, FundsMove } from '../venue/treasury.js';
import type { Payload } from '../storage/event-store.js';

/** Account snapshots and treasury helpers of venues that offer them. */
export interface AccountManager {
  readonly supportsSnapshots: boolean;
  /** Each part isolated: one failing call leaves its key out and names it under `unavailable`. Redacted. */
  snapshot(emitMetric?: boolean): Promise<Payload>;
  /** Quotes a conversion and, unless told not to, commits it. Rejects with VENUE-003 where the venue has none. */
  convert(request: ConversionRequest, commit?: boolean): Promise<Payload>;
  /** Moves collateral between two portfolios of the account. Rejects with VENUE-003 where the venue cannot. */
  moveFunds(request: FundsMove): Promise<Payload>;
}
export const AccountManager = token<AccountManager>('AccountManager');

/** Collects and publishes account snapshots (journal and account.json). */
export interface AccountTelemetry {
  readonly supportsSnapshots: boolean;
  readonly latestSnapshot: Payload | undefined;
  collect(): Promise<Payload>;
  run(signal: AbortSignal): Promise<void>;
}
export const AccountTelemetry = token<AccountTelemetry>('AccountTelemetry');
