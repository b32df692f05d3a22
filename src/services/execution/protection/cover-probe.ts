import { readLookup, readVenueOrder } from '../../../border/orders.js';
import { messageOf } from '../../../domain/errors.js';
import type { Instrument } from '../../../domain/instrument.js';
import { isTerminal, protects } from '../../../domain/order-state.js';
import type { Order } from '../../../domain/order.js';
import { withDeadline } from '../../../flow/deadline.js';
import { inTime } from '../../../flow/in-time.js';
import type { Clock } from '../../../ports/configuration/clock.js';
import type { Logger } from '../../../ports/configuration/logger.js';
import type { Scheduler } from '../../../ports/configuration/scheduler.js';
import type { ConfigController } from '../../../ports/configuration/settings/config-controller.js';
import type { RequestBudget } from '../../../ports/core-services/request-budget.js';
import type { AccountStream, OrderLog } from '../../../ports/core-services/execution.js';
import type { AccountAccess } from '../../../ports/venue/account-access.js';
import type { VenueOrder } from '../../../ports/venue/venue-order.js';
import { applyVenueTruth, refOf } from '../orders/venue-truth.js';
import { ON_THE_WAY_MS } from './cover.js';

/** Cover that is missing waits no longer for the answer about a single stop. What comes later counts all the same. */
const LOOKUP_MS = 1_000;

export interface ProbePorts {
  readonly config: ConfigController;
  readonly account: AccountAccess;
  readonly log: OrderLog;
  readonly stream: AccountStream;
  readonly scheduler: Scheduler;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly budget: RequestBudget;
}

/** Asks the venue which stops of one symbol stand, and brings ours to what it says. */
export class CoverProbe {
  constructor(private readonly ports: ProbePorts) {}

  /**
   * Ids of our stops of which nothing could be learned: each is compared by itself, and one that cannot be read hides
   * no other. Undefined when the venue did not answer. Never rejects.
   */
  async ask({ symbol }: Instrument): Promise<ReadonlySet<string> | undefined> {
    const listed = await this.list(symbol);
    if (listed === undefined) return undefined;
    const unread = new Set<string>();
    const compared = this.ports.log
      .open()
      .filter(({ request, status }) => request.symbol === symbol && protects(request) && status !== 'planned')
      .map(async (order) => {
        const { clientId } = order.request;
        if (!(await this.isKnown(order, listed.get(clientId)))) unread.add(clientId);
      });
    await Promise.all(compared);
    return unread;
  }

  private async list(symbol: string): Promise<ReadonlyMap<unknown, VenueOrder> | undefined> {
    try {
      const rows = await this.inTime(() => this.ports.account.listOpenOrders(symbol));
      return new Map(rows.map((row) => [(row as VenueOrder | null)?.clientId, row]));
    } catch (error) {
      this.failed('The venue could not be asked which stops stand', { symbol }, error);
      return undefined;
    }
  }

  private async isKnown(order: Order, row: VenueOrder | undefined): Promise<boolean> {
    const late = (): never => {
      throw new Error(`not known within ${LOOKUP_MS} ms`);
    };
    try {
      const { scheduler } = this.ports;
      return await withDeadline(this.compare(order, row), { scheduler, limitMs: LOOKUP_MS, late });
    } catch (error) {
      const { clientId, symbol } = order.request;
      this.failed('Whether a stop stands is not known', { symbol, client_order_id: clientId }, error);
      return false;
    }
  }

  /**
   * One that is not listed may have ended; a list may lag, so its absence alone proves nothing. Whose row cannot be
   * read is asked for by itself.
   */
  private async compare(order: Order, row: VenueOrder | undefined): Promise<boolean> {
    const { account, log, stream, clock } = this.ports;
    const told = row === undefined ? undefined : this.read(row);
    if (told !== undefined) {
      await applyVenueTruth(log, stream, order, told);
      return true;
    }
    const isAcknowledged = order.status === 'open' || order.status === 'partially_filled';
    if (row === undefined && !isAcknowledged) return true;
    const lookup = readLookup(await this.inTime(() => account.getOrder(refOf(order))), clock.now());
    if (!lookup.found) return row === undefined && clock.now() - order.createdAt < ON_THE_WAY_MS;
    if (row !== undefined || isTerminal(lookup.order.report.status))
      await applyVenueTruth(log, stream, order, lookup.order);
    return true;
  }

  private read(row: VenueOrder): VenueOrder | undefined {
    try {
      return readVenueOrder(row, this.ports.clock.now());
    } catch {
      return undefined;
    }
  }

  private failed(what: string, facts: Readonly<Record<string, unknown>>, error: unknown): void {
    this.ports.budget.heed(error, this.ports.clock.now());
    this.ports.logger.warn(what, { ...facts, error: messageOf(error) });
  }

  private inTime<T>(question: () => Promise<T>): Promise<T> {
    this.ports.budget.sent('protection', this.ports.clock.now());
    return inTime(question, this.ports);
  }
}
