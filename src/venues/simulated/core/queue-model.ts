import type { MatchingSettings } from '../../../ports/configuration/settings/matching-settings.js';
import type { WorkingOrder } from './working-order.js';

/** How the place of a resting order in its level's queue is told from public data. */
export interface QueueTerms {
  readonly queue: MatchingSettings['queue'];
  readonly queueExponent: number;
}

/**
 * Place of resting orders in the queue of their price. When an order comes to rest, everything shown at its price
 * stands ahead; where nothing is shown because nobody tells (no quote, or a price beyond what is told), how much stands
 * ahead is not known, and the order fills only when a trade goes through it. Public trades at the price shorten the
 * queue ahead; what they bring beyond it is for the order. More than the level shows never stands ahead.
 *
 * `probabilistic`: what a level loses and no trade explains was cancelled. A cancellation is ahead of us with
 * probability ahead^n / (ahead^n + behind^n): the power function of the hftbacktest documentation, "Order Fill"
 * ("PowerProbQueueModel"), after R. Rigtorp, "Estimating order queue position". The expected share is taken, rounded
 * down to whole lots.
 */
export class QueueModel {
  constructor(private readonly terms: QueueTerms) {}

  /** The order comes to rest beside `shown` lots; NaN where the level is not told of. */
  place(order: WorkingOrder, shown: number): void {
    const known = !Number.isNaN(shown);
    order.queueShown = known ? shown : 0;
    order.queueTraded = 0;
    order.queueAhead = this.terms.queue === 'front' ? 0 : known ? shown : Number.POSITIVE_INFINITY;
  }

  /** The order's level shows `shown` lots now; NaN says nothing. */
  look(order: WorkingOrder, shown: number): void {
    if (Number.isNaN(order.queueAhead)) this.place(order, shown);
    if (Number.isNaN(shown)) return;
    const cancelled = order.queueShown - order.queueTraded - shown;
    if (cancelled > 0 && this.terms.queue === 'probabilistic')
      order.queueAhead -= this.cancelledAhead(order, cancelled);
    if (order.queueAhead > shown) order.queueAhead = shown;
    order.queueShown = shown;
    order.queueTraded = 0;
  }

  /** `size` lots traded at the order's price. Returns what was left of them when they reached the order. */
  trade(order: WorkingOrder, size: number): number {
    order.queueTraded += size;
    const rest = size - order.queueAhead;
    order.queueAhead = Math.max(0, -rest);
    return Math.max(0, rest);
  }

  private cancelledAhead({ queueAhead: ahead, queueShown, queueTraded }: WorkingOrder, cancelled: number): number {
    if (!(ahead > 0 && ahead < Number.POSITIVE_INFINITY)) return 0;
    const behind = Math.max(0, queueShown - queueTraded - ahead);
    const share = 1 / (1 + (behind / ahead) ** this.terms.queueExponent);
    return Math.min(ahead, Math.max(Math.floor(cancelled * share), cancelled - behind));
  }
}
