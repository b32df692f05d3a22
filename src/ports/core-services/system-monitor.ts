import { token } from '../../injection/token.js';

export interface Health {
  readonly ok: boolean;
  readonly message?: string;
  readonly error?: string;
  /** False once stopped cleanly. */
  readonly running?: boolean;
}

/** Status, metrics.json, health.json, the configuration check, and the position-reconciliation task. */
export interface SystemMonitor {
  /** Journal `cycle_metrics` and metrics.json. Failures are logged, never thrown. */
  logStatus(): void;
  /** Atomic; failures are logged, never thrown. */
  writeHealthStatus(health: Health): void;
  /** Applies a valid change; an invalid one is logged and the old configuration stays. */
  checkConfigUpdates(): void;
  runPositionReconciliation(signal: AbortSignal): Promise<void>;
}
export const SystemMonitor = token<SystemMonitor>('SystemMonitor');
