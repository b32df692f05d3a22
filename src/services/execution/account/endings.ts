import { closesPosition, type Order } from '../../../domain/order.js';
import { isTerminal, type StatusReport } from '../../../domain/order-state.js';
import type { Lots } from '../../../domain/units.js';
import type { OrderLog } from '../../../ports/core-services/execution.js';

interface Ending {
  readonly report: StatusReport;
  readonly filled: Lots;
}

/**
 * Orders that the venue calls ended before all their fills are here. Ended at once, they would leave the reserved
 * exposure before their fills have reached the position; so they end with the last of those fills.
 */
export class Endings {
  private readonly waiting = new Map<string, Ending>();

  constructor(private readonly log: OrderLog) {}

  /** The report to apply now: the given one, or, when fills are missing, no more than that the venue has the order. */
  orLater(order: Order, report: StatusReport, told: Lots | undefined): StatusReport {
    const filled = report.status === 'filled' && !closesPosition(order.request) ? order.request.lots : told;
    if (filled === undefined || !isTerminal(report.status) || order.filled >= filled) return report;
    this.waiting.set(order.request.clientId, { report, filled });
    return { status: 'open', at: report.at, ...(report.venueId === undefined ? {} : { venueId: report.venueId }) };
  }

  /** A fill has been applied: the order ends if it was the last one missing. */
  afterFill(clientId: string): void {
    const ending = this.waiting.get(clientId);
    if (ending === undefined || this.isShort(clientId, ending)) return;
    this.waiting.delete(clientId);
    this.log.report(clientId, ending.report);
  }

  /** Fills are known to be missing. */
  get pending(): boolean {
    for (const clientId of [...this.waiting.keys()]) this.afterFill(clientId);
    return this.waiting.size > 0;
  }

  private isShort(clientId: string, { filled }: Ending): boolean {
    const order = this.log.find(clientId);
    return order !== undefined && order.filled < filled;
  }
}
