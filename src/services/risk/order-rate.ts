import { finding, type Assessment, type RiskFinding } from './assessment.js';
import { MINUTE_MS } from '../../domain/time-spans.js';

/**
 * Token bucket over submissions of all symbols, in the time of the orders. What shrinks a position may overdraw it by
 * one more bucket, so that entries cannot use up the rate that an exit needs; an operator's order is never held back.
 */
export class OrderRate {
  private tokens = NaN;
  private refilledAt = 0;

  check(order: Assessment): RiskFinding | undefined {
    const capacity = order.limits.risk.ordersPerMinute;
    this.refill(order.now, capacity);
    if (order.intent.urgent === true) return undefined;
    if (this.tokens >= (order.shrinks ? 1 - capacity : 1)) return undefined;
    return finding('order_rate', `Orders must be at most ${capacity} a minute over all symbols.`);
  }

  /** Called once for every order that is approved. */
  spend(order: Assessment): void {
    this.tokens = Math.max(this.tokens - 1, -order.limits.risk.ordersPerMinute);
  }

  /** A clock that was set back gains nothing and loses nothing. */
  private refill(now: number, capacity: number): void {
    if (Number.isNaN(this.tokens)) this.tokens = capacity;
    else if (now > this.refilledAt)
      this.tokens = Math.min(capacity, this.tokens + ((now - this.refilledAt) * capacity) / MINUTE_MS);
    this.refilledAt = now;
  }
}
