import { injectable } from 'inversify';
import { inject } from '../../../injection/inject.js';
import {
  OrderPipeline,
  type CancelReport,
  type ExecutionEngine,
  type Submission,
} from '../../../ports/core-services/execution.js';
import type { OrderIntent } from '../../../ports/core-services/risk-manager.js';

/** Sends what it is given, or refuses it: no sizing and no stops of its own. */
@injectable()
export class LiveExecutionEngine implements ExecutionEngine {
  readonly kind = 'live';

  constructor(@inject(OrderPipeline) private readonly pipeline: OrderPipeline) {}

  place(intent: OrderIntent, now: number): Submission {
    return this.pipeline.submit(intent, now);
  }

  cancelAll(reason: string): Promise<CancelReport> {
    return this.pipeline.cancelAll(reason);
  }

  metrics(): Readonly<Record<string, number>> {
    return this.pipeline.metrics();
  }
}
