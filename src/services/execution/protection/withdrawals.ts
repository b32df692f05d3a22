import { isTerminal } from '../../../domain/order-state.js';
import type { Order } from '../../../domain/order.js';
import type { Clock } from '../../../ports/configuration/clock.js';
import type { Logger } from '../../../ports/configuration/logger.js';
import type { Scheduler } from '../../../ports/configuration/scheduler.js';
import type { RequestBudget } from '../../../ports/core-services/request-budget.js';
import type { OrderGateway, OrderLog } from '../../../ports/core-services/execution.js';
import type { PendingWork } from '../../../ports/runtime-state/runtime-state.js';
import { messageOf } from '../../../domain/errors.js';
import { Attempts } from '../../../flow/attempts.js';

export interface StopWithdrawalPorts {
  readonly gateway: OrderGateway;
  readonly log: OrderLog;
  readonly pending: PendingWork;
  readonly scheduler: Scheduler;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly budget: RequestBudget;
}

/** Cancels stops that are not needed any more, each until it has ended, after pauses that grow. */
export class Withdrawals {
  private readonly asked = new Map<string, Attempts>();

  constructor(private readonly ports: StopWithdrawalPorts) {}

  withdraw({ request, status }: Order): void {
    const { clientId } = request;
    if (isTerminal(status) || this.asked.has(clientId)) return;
    const attempts = new Attempts(this.ports, 0, undefined, 'cancel');
    this.asked.set(clientId, attempts);
    this.ask(clientId, attempts);
  }

  get size(): number {
    return this.asked.size;
  }

  has(clientId: string): boolean {
    return this.asked.has(clientId);
  }

  /** The order has ended; true when it was asked to. */
  ended(clientId: string): boolean {
    if (this.asked.size === 0) return false;
    this.asked.get(clientId)?.rest();
    return this.asked.delete(clientId);
  }

  /** Asks for nothing more. */
  stop(): void {
    for (const attempts of this.asked.values()) attempts.rest();
    this.asked.clear();
  }

  private ask(clientId: string, attempts: Attempts): void {
    attempts.sent();
    this.ports.pending.track(this.cancel(clientId).then(() => this.again(clientId, attempts)));
  }

  private async cancel(clientId: string): Promise<void> {
    try {
      await this.ports.gateway.cancel(clientId);
    } catch (error) {
      this.ports.logger.warn('A protective stop could not be cancelled', {
        client_order_id: clientId,
        error: messageOf(error),
      });
    }
  }

  private again(clientId: string, attempts: Attempts): void {
    const order = this.ports.log.find(clientId);
    if (this.asked.get(clientId) !== attempts || order === undefined || isTerminal(order.status)) return;
    attempts.ended();
    attempts.again(() => this.ask(clientId, attempts));
  }
}
