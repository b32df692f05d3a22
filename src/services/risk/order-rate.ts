import { MINUTE_MS } from '../../domain/time-spans.js';
import { finding, type Assessment, type RiskFinding } from './assessment.js';
import type { OrderHistory } from './order-history.js';

/**
 * Token bucket over submissions of all symbols, in the time of the orders. What shrinks a position may overdraw it by
 * one more bucket, so that entries cannot use up the rate that an exit needs; an operator's order is never held back.
 * The orders of earlier runs have used it too: a restart does not fill it.
 */
export class OrderRate {
  private tokens = NaN;
  private refilledAt = 0;

  constructor(private readonly history: OrderHistory) {}

  check(order: Assessment): RiskFinding | undefined {
    const capacity = order.limits.risk.ordersPerMinute;
    if (Number.isNaN(this.tokens)) this.takeUp(capacity);
    this.refill(order.now, capacity);
    if (order.intent.urgent === true) return undefined;
    if (this.tokens >= (order.shrinks ? 1 - capacity : 1)) return undefined;
    return finding('order_rate', `Orders must be at most ${capacity} a minute over all symbols.`);
  }

  /** Called once for every order that is approved. */
  spend(order: Assessment): void {
    this.take(order.limits.risk.ordersPerMinute);
  }

  /** Takes back what is spent from now on. */
  mark(): () => void {
    const { tokens, refilledAt } = this;
    return () => {
      this.tokens = tokens;
      this.refilledAt = refilledAt;
    };
  }

  private takeUp(capacity: number): void {
    this.tokens = capacity;
    const sent = [...this.history.all()].map((order) => order.createdAt).sort((a, b) => a - b);
    for (const at of sent) {
      this.refill(at, capacity);
      this.take(capacity);
    }
  }

  private take(capacity: number): void {
    this.tokens = Math.max(this.tokens - 1, -capacity);
  }

  /** A clock that was set back gains nothing and loses nothing. */
  private refill(now: number, capacity: number): void {
    if (now > this.refilledAt)
      this.tokens = Math.min(capacity, this.tokens + ((now - this.refilledAt) * capacity) / MINUTE_MS);
    this.refilledAt = now;
  }
}
