import { injectable } from 'inversify';
import { inject } from '../../injection/inject.js';
import type { BackgroundTask } from '../../ports/market-services/lifecycle.js';
import { SystemMonitor } from '../../ports/core-services/system-monitor.js';

/** The third of the seed's four tasks. */
@injectable()
export class PositionReconciliationTask implements BackgroundTask {
  readonly name = 'position-reconciliation';
  readonly enabled = true;

  constructor(@inject(SystemMonitor) private readonly monitor: SystemMonitor) {}

  run(signal: AbortSignal): Promise<void> {
    return this.monitor.runPositionReconciliation(signal);
  }
}
