import type { Lifecycle } from '../market-services/lifecycle.js';
import { token } from '../../injection/token.js';

/**
 * `start()` is the seed's `bootstrap()`: journal opened, venue connected and branded, products read, safety state,
 * orders and positions restored, missing fills fetched, account stream opened, windows warmed.
 */
export interface RuntimeCoordinator extends Lifecycle {
  /** Resolves unknown orders and compares orders and positions; failure tightens to REDUCE_ONLY. */
  reconcileStateOnStartup(): Promise<void>;
  /**
   * What this bot believes and its venue holds otherwise, a sentence each: orders, positions, and what could not be
   * asked. None: both agree. Never rejects.
   */
  differences(): Promise<readonly string[]>;
  /**
   * Loosens the safety state to NORMAL. Rejects with RISK-003 without an operator or a reason, with RISK-004 naming
   * each difference between this bot and its venue.
   */
  resume(reason: string, actor: string): Promise<void>;
  isReduceOnlyMode(): boolean;
  setReduceOnlyMode(enabled: boolean, reason: string, actor?: string): Promise<void>;
}
export const RuntimeCoordinator = token<RuntimeCoordinator>('RuntimeCoordinator');
