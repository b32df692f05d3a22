import type { Order } from '../../../domain/order.js';
import { isSettled } from '../../../domain/order-state.js';
import type { OrderLog, Submission } from '../../../ports/core-services/execution.js';
import type { OrderStats } from '../../../ports/runtime-state/runtime-state.js';
import { FewIds } from '../orders/few-ids.js';

/**
 * Counts a decision once: attempted when it becomes an order, its fate when the venue answers. Every other order of the
 * run is counted beside them.
 */
export class OrderCounter {
  /** Orders whose fate is not known yet. */
  private readonly awaited = new FewIds();

  constructor(
    private readonly stats: OrderStats,
    private readonly log: OrderLog,
  ) {
    log.onChange((order, previous) => {
      if (previous === undefined) stats.others += 1;
      this.observe(order);
    });
  }

  attempted(count = 1): void {
    this.stats.attempted += count;
  }

  count(submission: Submission): Submission {
    if (submission.outcome === 'submitted') this.follow(submission.clientId);
    else if (submission.outcome === 'refused') this.stats.failed += 1;
    else this.stats.successful += 1;
    return submission;
  }

  /** An engine that keeps the order to itself (a stop it holds) has accepted it. */
  private follow(clientId: string): void {
    const order = this.log.find(clientId);
    if (order === undefined) {
      this.stats.successful += 1;
      return;
    }
    this.stats.others -= 1;
    this.awaited.add(clientId);
    this.observe(order);
  }

  private observe(order: Order): void {
    const { clientId } = order.request;
    if (!isSettled(order) || !this.awaited.delete(clientId)) return;
    if (order.status === 'rejected' || order.status === 'lost') this.stats.failed += 1;
    else this.stats.successful += 1;
  }
}
