import type { Order } from '../../../domain/order.js';
import type { OrderLog } from '../../../ports/core-services/execution.js';

/** Counts what becomes of orders, from their changes alone. */
export class OrderMetrics {
  private placed = 0;
  private filled = 0;
  private cancelled = 0;
  private rejected = 0;
  private postOnlyRejected = 0;
  private readonly rejections = new Map<string, number>();

  constructor(private readonly log: OrderLog) {
    log.onChange((order, previous) => this.observe(order, previous));
  }

  /** A refusal before the venue was asked. */
  refused(check: string): void {
    this.reject(check);
  }

  gauges(): Record<string, number> {
    const gauges: Record<string, number> = {
      'execution.orders.placed': this.placed,
      'execution.orders.filled': this.filled,
      'execution.orders.cancelled': this.cancelled,
      'execution.orders.rejected': this.rejected,
      'execution.orders.post_only_rejected': this.postOnlyRejected,
      'execution.pending_orders': this.log.open().length,
    };
    for (const [check, times] of this.rejections)
      gauges[`execution.orders.rejection.${check.replace(/[\s-]/g, '_')}`] = times;
    return gauges;
  }

  private observe(order: Order, previous: Order | undefined): void {
    if (previous === undefined || order.status === previous.status) return;
    if (order.status === 'sending') this.placed += 1;
    else if (order.status === 'filled') this.filled += 1;
    else if (order.status === 'cancelled') this.cancelled += 1;
    else if (order.status === 'rejected' || order.status === 'rejected_late') this.reject(checkOf(order));
  }

  private reject(check: string): void {
    this.rejected += 1;
    if (check.startsWith('post_only')) this.postOnlyRejected += 1;
    this.rejections.set(check, (this.rejections.get(check) ?? 0) + 1);
  }
}

/** The stable part of a rejection's reason. */
export const checkOf = (order: Order): string => (order.reason ?? 'other').split(':', 1)[0] ?? 'other';
