import { injectable } from 'inversify';
import type { Decision } from '../../../domain/decision.js';
import type { Instrument } from '../../../domain/instrument.js';
import type { MarketSnapshot } from '../../../domain/market.js';
import type { Position } from '../../../domain/position.js';
import type { MarkUnits } from '../../../domain/units.js';
import { messageOf } from '../../../domain/errors.js';
import { RepeatedTask } from '../../../flow/repeated-task.js';
import { inject } from '../../../injection/inject.js';
import { Clock } from '../../../ports/configuration/clock.js';
import {
  ExecutionCoordinator,
  OrderGateway,
  OrderPlacement,
  OrderReconciler,
  RuntimeGuards,
  type Submission,
} from '../../../ports/core-services/execution.js';
import { Logger } from '../../../ports/configuration/logger.js';
import { Scheduler } from '../../../ports/configuration/scheduler.js';
import { ConfigController } from '../../../ports/configuration/settings/config-controller.js';

/** Hands decisions to placement, and keeps the guards and the order reconciliation running. */
@injectable()
export class ExecutionCoordinatorService implements ExecutionCoordinator {
  private readonly guardTask: RepeatedTask;
  private readonly reconciliation: RepeatedTask;

  constructor(
    @inject(ConfigController) config: ConfigController,
    @inject(OrderPlacement) private readonly placement: OrderPlacement,
    @inject(RuntimeGuards) guards: RuntimeGuards,
    @inject(OrderGateway) gateway: OrderGateway,
    @inject(OrderReconciler) reconciler: OrderReconciler,
    @inject(Scheduler) scheduler: Scheduler,
    @inject(Clock) clock: Clock,
    @inject(Logger) logger: Logger,
  ) {
    const says = (what: string) => (error: unknown) => logger.error(what, { error: messageOf(error) });
    this.guardTask = new RepeatedTask(
      'runtime-guards',
      () => config.current.tasks.guardsMs,
      async () => {
        await guards.runAll(clock.now());
      },
      scheduler,
      says('Runtime guards failed'),
    );
    this.reconciliation = new RepeatedTask(
      'order-reconciliation',
      () => config.current.tasks.orderReconcileMs,
      async () => {
        await gateway.resolveUnknown(clock.now());
        await reconciler.reconcile();
      },
      scheduler,
      says('Order reconciliation failed'),
    );
  }

  executeDecision(
    instrument: Instrument,
    decision: Decision,
    mark: MarkUnits,
    position: Position,
    now: number,
    snapshot?: MarketSnapshot,
  ): Submission {
    return this.placement.place(instrument, decision, mark, position, now, snapshot);
  }

  runRuntimeGuards(signal: AbortSignal): Promise<void> {
    return this.guardTask.run(signal);
  }

  runOrderReconciliation(signal: AbortSignal): Promise<void> {
    return this.reconciliation.run(signal);
  }
}
