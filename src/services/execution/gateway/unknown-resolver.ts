import { readLookup } from '../../../border/orders.js';
import { messageOf } from '../../../domain/errors.js';
import type { Order } from '../../../domain/order.js';
import { isSettled } from '../../../domain/order-state.js';
import { inTime } from '../../../flow/in-time.js';
import type { Scheduler } from '../../../ports/configuration/scheduler.js';
import type { ConfigController } from '../../../ports/configuration/settings/config-controller.js';
import type { AccountAccess } from '../../../ports/venue/account-access.js';
import type { Clock } from '../../../ports/configuration/clock.js';
import type { VenueTime } from '../../../ports/configuration/venue-time.js';
import type { VenueSession } from '../../../ports/venue/venue-session.js';
import type { OrderLookup } from '../../../ports/venue/venue-order.js';
import type { EventStore } from '../../../ports/storage/event-store.js';
import type { AccountStream, OrderLog } from '../../../ports/core-services/execution.js';
import type { RequestBudget } from '../../../ports/core-services/request-budget.js';
import type { Logger } from '../../../ports/configuration/logger.js';
import { Negatives } from './negatives.js';
import { applyVenueTruth, refOf } from '../orders/venue-truth.js';

export interface ResolverPorts {
  readonly session: VenueSession;
  readonly time: VenueTime;
  readonly account: AccountAccess;
  readonly log: OrderLog;
  readonly stream: AccountStream;
  readonly journal: EventStore;
  readonly logger: Logger;
  readonly budget: RequestBudget;
  readonly scheduler: Scheduler;
  readonly config: ConfigController;
  readonly clock: Clock;
}

/**
 * Finds out what became of an order whose outcome is unknown. Only two spaced answers "no such order" after the
 * instant at which the venue could last accept it, and its fills fetched without a trace of it, prove it lost.
 */
export class UnknownResolver {
  private readonly negatives: Negatives;

  constructor(private readonly ports: ResolverPorts) {
    this.negatives = new Negatives(ports.session);
  }

  /** True once the outcome is known. Failing to ask changes nothing. */
  async resolve(order: Order, now: number): Promise<boolean> {
    const { clientId } = order.request;
    const { budget, clock } = this.ports;
    this.ports.log.report(clientId, { status: 'unknown', at: now });
    try {
      const lookup = readLookup(await inTime(() => this.ports.account.getOrder(refOf(order)), this.ports), now);
      const settled = lookup.found ? await this.found(order, lookup) : await this.absent(clientId, now, lookup);
      if (settled) this.negatives.delete(clientId);
      return settled;
    } catch (error) {
      budget.heed(error, clock.now());
      this.ports.logger.warn('Order could not be looked up', { client_order_id: clientId, error: messageOf(error) });
      return false;
    }
  }

  private async found(order: Order, lookup: Extract<OrderLookup, { found: true }>): Promise<boolean> {
    this.negatives.delete(order.request.clientId);
    return isSettled(await applyVenueTruth(this.ports.log, this.ports.stream, order, lookup.order));
  }

  private async absent(clientId: string, now: number, { forgotten }: { readonly forgotten?: true }): Promise<boolean> {
    const order = this.ports.log.find(clientId);
    if (order === undefined || isSettled(order)) return true;
    // The instant at which the venue could last accept it is one of the venue's clock, which may be behind ours.
    const deadline = (order.request.expiresAt ?? order.createdAt) + this.ports.time.boundMs;
    if (!this.negatives.isProven(clientId, now, deadline)) return false;
    await this.ports.stream.backfill();
    const after = this.ports.log.find(clientId);
    if (after === undefined || isSettled(after) || after.filled > 0) return true;
    // The venue has forgotten it: it may have been, but it is not open, and has filled nothing.
    const reason = forgotten === true ? 'forgotten by the venue: neither open nor filled' : 'never arrived';
    this.ports.log.report(clientId, { status: 'lost', at: now, reason });
    this.ports.journal.append('order_lost', { client_id: clientId, symbol: order.request.symbol, reason });
    return true;
  }
}
