import { readLookup, readVenueOrder } from '../../../border/orders.js';
import { messageOf } from '../../../domain/errors.js';
import type { Instrument } from '../../../domain/instrument.js';
import { isTerminal, protects } from '../../../domain/order-state.js';
import type { Order } from '../../../domain/order.js';
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

  /** False when the venue did not answer. Never rejects. */
  async ask({ symbol }: Instrument): Promise<boolean> {
    const { account, log, logger } = this.ports;
    try {
      const rows = await this.inTime(account.listOpenOrders(symbol));
      const listed = new Map(rows.map((row) => [(row as VenueOrder | null)?.clientId, row]));
      for (const order of log.open()) {
        if (order.request.symbol !== symbol || !protects(order.request) || order.status === 'planned') continue;
        await this.compare(order, listed.get(order.request.clientId));
      }
      return true;
    } catch (error) {
      this.ports.budget.heed(error, this.ports.clock.now());
      logger.warn('The venue could not be asked which stops stand', { symbol, error: messageOf(error) });
      return false;
    }
  }

  /** One that is not listed may have ended; a list may lag, so its absence alone proves nothing. */
  private async compare(order: Order, row: VenueOrder | undefined): Promise<void> {
    const { account, log, stream, clock } = this.ports;
    if (row !== undefined) {
      await applyVenueTruth(log, stream, order, readVenueOrder(row, clock.now()));
      return;
    }
    if (order.status !== 'open' && order.status !== 'partially_filled') return;
    const lookup = readLookup(await this.inTime(account.getOrder(refOf(order))), clock.now());
    if (lookup.found && isTerminal(lookup.order.report.status)) await applyVenueTruth(log, stream, order, lookup.order);
  }

  private inTime<T>(answer: Promise<T>): Promise<T> {
    this.ports.budget.sent('protection', this.ports.clock.now());
    return inTime(answer, this.ports);
  }
}
