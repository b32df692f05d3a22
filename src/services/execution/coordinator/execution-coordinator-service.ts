import { injectable } from 'inversify';
import type { Decision } from '../../../domain/decision.js';
import { messageOf } from '../../../domain/errors.js';
import type { Instrument } from '../../../domain/instrument.js';
import type { MarketSnapshot } from '../../../domain/market.js';
import type { Position } from '../../../domain/position.js';
import type { MarkUnits } from '../../../domain/units.js';
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
  constructor(
    @inject(ConfigController) private readonly config: ConfigController,
    @inject(OrderPlacement) private readonly placement: OrderPlacement,
    @inject(RuntimeGuards) private readonly guards: RuntimeGuards,
    @inject(OrderGateway) private readonly gateway: OrderGateway,
    @inject(OrderReconciler) private readonly reconciler: OrderReconciler,
    @inject(Scheduler) private readonly scheduler: Scheduler,
    @inject(Clock) private readonly clock: Clock,
    @inject(Logger) private readonly logger: Logger,
  ) {}

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

  async runRuntimeGuards(signal: AbortSignal): Promise<void> {
    await this.repeat(
      signal,
      'Runtime guards failed',
      () => this.config.current.tasks.guardsMs,
      async () => {
        await this.guards.runAll(this.clock.now());
      },
    );
  }

  async runOrderReconciliation(signal: AbortSignal): Promise<void> {
    await this.repeat(
      signal,
      'Order reconciliation failed',
      () => this.config.current.tasks.orderReconcileMs,
      async () => {
        await this.gateway.resolveUnknown(this.clock.now());
        await this.reconciler.reconcile();
      },
    );
  }

  /** A failing round is logged; the next one comes all the same. */
  private async repeat(
    signal: AbortSignal,
    failure: string,
    intervalMs: () => number,
    round: () => Promise<void>,
  ): Promise<void> {
    while (!signal.aborted) {
      try {
        await round();
      } catch (error) {
        this.logger.error(failure, { error: messageOf(error) });
      }
      await this.scheduler.sleep(intervalMs(), signal);
    }
  }
}
