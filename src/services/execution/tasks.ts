import { injectable } from 'inversify';
import { inject } from '../../injection/inject.js';
import { ExecutionCoordinator } from '../../ports/core-services/execution.js';
import type { BackgroundTask } from '../../ports/market-services/lifecycle.js';

/** The seed's first background task. */
@injectable()
export class RuntimeGuardsTask implements BackgroundTask {
  readonly name = 'runtime-guards';
  readonly enabled = true;

  constructor(@inject(ExecutionCoordinator) private readonly coordinator: ExecutionCoordinator) {}

  run(signal: AbortSignal): Promise<void> {
    return this.coordinator.runRuntimeGuards(signal);
  }
}

/** The seed's second background task. */
@injectable()
export class OrderReconciliationTask implements BackgroundTask {
  readonly name = 'order-reconciliation';
  readonly enabled = true;

  constructor(@inject(ExecutionCoordinator) private readonly coordinator: ExecutionCoordinator) {}

  run(signal: AbortSignal): Promise<void> {
    return this.coordinator.runOrderReconciliation(signal);
  }
}
