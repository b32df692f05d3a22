import { isTerminal } from '../../../domain/order-state.js';
import type { Order } from '../../../domain/order.js';
import type { Clock } from '../../../ports/configuration/clock.js';
import type { Logger } from '../../../ports/configuration/logger.js';
import type { Scheduler } from '../../../ports/configuration/scheduler.js';
import type { OrderGateway, OrderLog } from '../../../ports/core-services/execution.js';
import type { PendingWork } from '../../../ports/runtime-state/runtime-state.js';
import { messageOf } from '../../../domain/errors.js';
import { Pauses } from './pauses.js';

export interface StopWithdrawalPorts {
  readonly gateway: OrderGateway;
  readonly log: OrderLog;
  readonly pending: PendingWork;
  readonly scheduler: Scheduler;
  readonly clock: Clock;
  readonly logger: Logger;
}

interface Withdrawal {
  readonly pauses: Pauses;
  cancelTimer: (() => void) | undefined;
}

/** Cancels stops that are not needed any more, each until it has ended, after pauses that grow. */
export class Withdrawals {
  private readonly asked = new Map<string, Withdrawal>();

  constructor(private readonly ports: StopWithdrawalPorts) {}

  withdraw({ request, status }: Order): void {
    const { clientId } = request;
    if (isTerminal(status) || this.asked.has(clientId)) return;
    const withdrawal: Withdrawal = { pauses: new Pauses(0), cancelTimer: undefined };
    this.asked.set(clientId, withdrawal);
    this.ask(clientId, withdrawal);
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
    this.asked.get(clientId)?.cancelTimer?.();
    return this.asked.delete(clientId);
  }

  /** Asks for nothing more. */
  stop(): void {
    for (const { cancelTimer } of this.asked.values()) cancelTimer?.();
    this.asked.clear();
  }

  private ask(clientId: string, withdrawal: Withdrawal): void {
    this.ports.pending.track(this.cancel(clientId).then(() => this.again(clientId, withdrawal)));
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

  private again(clientId: string, withdrawal: Withdrawal): void {
    const { log, clock, scheduler } = this.ports;
    const order = log.find(clientId);
    if (this.asked.get(clientId) !== withdrawal || order === undefined || isTerminal(order.status)) return;
    withdrawal.pauses.ended(clock.now());
    const wait = Math.max(0, withdrawal.pauses.until - clock.now());
    withdrawal.cancelTimer = scheduler.after(wait, () => {
      withdrawal.cancelTimer = undefined;
      this.ask(clientId, withdrawal);
    });
  }
}
