import { readCancelResult, readLookup } from '../../../border/orders.js';
import { messageOf } from '../../../domain/errors.js';
import type { Order } from '../../../domain/order.js';
import { isTerminal } from '../../../domain/order-state.js';
import { withDeadline } from '../../../flow/deadline.js';
import { inTime } from '../../../flow/in-time.js';
import { heeded } from '../../../flow/left-alone.js';
import { parcelsOf } from '../../../flow/parcels.js';
import type { Clock } from '../../../ports/configuration/clock.js';
import type { Logger } from '../../../ports/configuration/logger.js';
import type { Scheduler } from '../../../ports/configuration/scheduler.js';
import type { ConfigController } from '../../../ports/configuration/settings/config-controller.js';
import type { AccountStream, CancelOutcome, OrderLog } from '../../../ports/core-services/execution.js';
import type { RequestBudget } from '../../../ports/core-services/request-budget.js';
import type { EventStore } from '../../../ports/storage/event-store.js';
import type { AccountAccess } from '../../../ports/venue/account-access.js';
import type { CancelResult } from '../../../ports/venue/cancel-result.js';
import type { OrderEntry } from '../../../ports/venue/order-entry.js';
import type { VenueSession } from '../../../ports/venue/venue-session.js';
import { applyVenueTruth, refOf } from '../orders/venue-truth.js';
import type { MessageBudget } from './message-budget.js';

export interface CancellationPorts {
  readonly config: ConfigController;
  readonly session: VenueSession;
  readonly entry: OrderEntry;
  readonly account: AccountAccess;
  readonly log: OrderLog;
  readonly stream: AccountStream;
  readonly journal: EventStore;
  readonly scheduler: Scheduler;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly budget: RequestBudget;
  readonly messages: MessageBudget;
  /** True for an order that has not left, and now never will. */
  readonly withdraw: (order: Order) => boolean;
}

/** Asks for the end of orders, and finds out what became of those that it was not told of. */
export class Cancellations {
  constructor(private readonly ports: CancellationPorts) {}

  async cancel(clientId: string, why?: 'safety'): Promise<CancelOutcome> {
    const order = this.toAsk(clientId);
    if (typeof order === 'string') return order;
    if (this.isHeld(why)) return 'unknown';
    this.count(why);
    return this.settle(order, await this.askOne(order));
  }

  /**
   * Of an order that is being changed. What empties the book waits for nobody, and is asked for again: the change may
   * have outlived it, or another order stands in its place.
   */
  async cancelChanged(
    clientId: string,
    change: { readonly done: Promise<void>; readonly by: () => string | undefined },
    why?: 'safety',
  ): Promise<CancelOutcome> {
    if (why === 'safety') await this.cancel(clientId, why);
    await change.done;
    const last = change.by() ?? clientId;
    return this.ports.log.find(last)?.status === 'cancelled' ? 'cancelled' : this.cancel(last, why);
  }

  /** In parcels where the venue has batches; else, and one alone, by themselves. Nobody waits for another's answer. */
  async cancelMany(clientIds: readonly string[], why?: 'safety'): Promise<readonly CancelOutcome[]> {
    const outcomes = new Map<string, CancelOutcome>();
    const orders: Order[] = [];
    for (const clientId of new Set(clientIds)) {
      const order = this.toAsk(clientId);
      if (typeof order === 'string') outcomes.set(clientId, order);
      else orders.push(order);
    }
    const most = this.ports.session.capabilities.batch?.cancel ?? 1;
    await Promise.all(
      parcelsOf(orders, most).map(async (parcel) => {
        if (this.isHeld(why)) return;
        this.count(why, parcel.length);
        const results = await this.ask(parcel);
        for (const [index, order] of parcel.entries())
          outcomes.set(order.request.clientId, await this.settle(order, results[index] as CancelResult));
      }),
    );
    return clientIds.map((clientId) => outcomes.get(clientId) ?? 'unknown');
  }

  /** The order to ask about, or what is known without asking. */
  private toAsk(clientId: string): Order | CancelOutcome {
    const order = this.ports.log.find(clientId);
    if (order === undefined || isTerminal(order.status)) return 'not_open';
    return this.ports.withdraw(order) ? 'cancelled' : order;
  }

  /**
   * The venue has answered a cancellation with a pause that is not over: looked at in the step in which it would leave.
   * What empties the book for safety is asked for all the same.
   */
  private isHeld(why: 'safety' | undefined): boolean {
    const { budget, clock } = this.ports;
    return why !== 'safety' && budget.heldUntil(clock.now(), 'cancel') !== undefined;
  }

  /** A parcel is one request, and as many cancellations as there are in it. */
  private count(why: 'safety' | undefined, cancels = 1): void {
    const now = this.ports.clock.now();
    if (why !== 'safety') for (let left = cancels; left > 0; left -= 1) this.ports.messages.cancelled(now);
    this.ports.budget.sent('cancel', now);
  }

  private async settle(order: Order, result: CancelResult): Promise<CancelOutcome> {
    const { clientId, symbol } = order.request;
    this.ports.journal.append('order_cancel', { client_id: clientId, symbol, outcome: result.outcome });
    if (result.outcome === 'cancelled') {
      this.ports.log.report(clientId, { status: 'cancelled', at: result.at });
      return 'cancelled';
    }
    return result.outcome === 'unknown' ? 'unknown' : this.lookUp(order);
  }

  private async ask(parcel: readonly Order[]): Promise<readonly CancelResult[]> {
    const [first] = parcel;
    if (parcel.length === 1 && first !== undefined) return [await this.askOne(first)];
    const refs = parcel.map(refOf);
    try {
      const late = (): readonly CancelResult[] => refs.map((ref) => ({ outcome: 'unknown', ref, cause: 'timeout' }));
      const reply = heeded(this.ports.entry.cancelOrders(refs), this.ports, 'cancel');
      const answers: unknown = await withDeadline(reply, this.within(late));
      return refs.map((ref, index) => this.read(Array.isArray(answers) ? answers[index] : answers, ref));
    } catch (error) {
      return refs.map((ref) => this.failed(error, ref));
    }
  }

  private async askOne(order: Order): Promise<CancelResult> {
    const ref = refOf(order);
    try {
      const late = (): CancelResult => ({ outcome: 'unknown', ref, cause: 'timeout' });
      const reply = heeded(this.ports.entry.cancelOrder(ref), this.ports, 'cancel');
      return this.read(await withDeadline(reply, this.within(late)), ref);
    } catch (error) {
      return this.failed(error, ref);
    }
  }

  private within<T>(late: () => T): Parameters<typeof withDeadline<T>>[1] {
    const { scheduler, config } = this.ports;
    return { scheduler, limitMs: config.current.execution.requestTimeoutMs, late };
  }

  private read(answer: unknown, ref: ReturnType<typeof refOf>): CancelResult {
    this.ports.budget.heed(answer, this.ports.clock.now(), 'cancel');
    return readCancelResult(answer as CancelResult, ref);
  }

  private failed(error: unknown, ref: ReturnType<typeof refOf>): CancelResult {
    this.ports.logger.warn('Cancel failed', { client_order_id: ref.clientId, error: messageOf(error) });
    return { outcome: 'unknown', ref, cause: messageOf(error) };
  }

  /** Nothing to cancel, or a request under way, may mean filled, cancelled or not arrived yet: the venue says which. */
  private async lookUp(order: Order): Promise<CancelOutcome> {
    const { account, log, stream, logger, clock } = this.ports;
    try {
      const lookup = readLookup(await inTime(() => account.getOrder(refOf(order)), this.ports), clock.now());
      if (!lookup.found) return 'unknown';
      const current = await applyVenueTruth(log, stream, order, lookup.order);
      if (current.status === 'cancelled') return 'cancelled';
      return isTerminal(current.status) ? 'not_open' : 'unknown';
    } catch (error) {
      const client_order_id = order.request.clientId;
      logger.warn('Order could not be looked up after a cancel', { client_order_id, error: messageOf(error) });
      return 'unknown';
    }
  }
}
