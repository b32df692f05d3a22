import { token } from '../../injection/token.js';

export interface Health {
  readonly ok: boolean;
  readonly message?: string;
  readonly error?: string;
  /** False once stopped cleanly. */
  readonly running?: boolean;
}

/** What an operator reads of a running bot, and the two rounds it is asked for: configuration and positions. */
export interface SystemMonitor {
  /**
   * Journal `cycle_metrics`, and metrics.json at most once a second of the host, the last of a run at its end. Failures
   * are logged, never thrown.
   */
  logStatus(): void;
  /**
   * Atomic. What is as it was is written again at most once a second of the host. Failures are logged, never thrown.
   */
  writeHealthStatus(health: Health): void;
  /**
   * Applies a valid change; an invalid one is logged and the old configuration stays. Looks at most twice a second of
   * the host.
   */
  checkConfigUpdates(): void;
  runPositionReconciliation(signal: AbortSignal): Promise<void>;
}
export const SystemMonitor = token<SystemMonitor>('SystemMonitor');
