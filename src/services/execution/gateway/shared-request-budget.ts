import { injectable } from 'inversify';
import { protects } from '../../../domain/order-state.js';
import { HOUR_MS, MINUTE_MS } from '../../../domain/time-spans.js';
import { inject } from '../../../injection/inject.js';
import { Logger } from '../../../ports/configuration/logger.js';
import { ConfigController } from '../../../ports/configuration/settings/config-controller.js';
import type { RequestBudget, RequestKind } from '../../../ports/core-services/request-budget.js';
import { OrdersStore } from '../../../ports/storage/orders-store.js';

/** Of the bucket, kept for cancellations and protection. */
const RESERVED = 0.25;
/** A venue that names a longer pause means something else; it is asked again after this. */
const LONGEST_HOLD_MS = HOUR_MS;

/**
 * A token bucket that holds half of a minute's rate and fills with the other half, so that no minute sees more than
 * the rate. The orders of earlier runs have used it too: a restart does not fill it.
 */
@injectable()
export class SharedRequestBudget implements RequestBudget {
  private tokens = Number.NaN;
  private refilledAt = 0;
  private held = Number.NEGATIVE_INFINITY;

  constructor(
    @inject(ConfigController) private readonly config: ConfigController,
    @inject(OrdersStore) private readonly history: Pick<OrdersStore, 'all'>,
    @inject(Logger) private readonly logger: Logger,
  ) {}

  sent(kind: RequestKind, now: number, count = 1): void {
    this.refill(now);
    this.take(kind, count);
  }

  freeAt(kind: RequestKind, now: number, count = 1): number {
    this.refill(now);
    const { capacity } = this;
    const needed = Math.min(capacity, count + this.reservedFrom(kind));
    const wait = this.tokens >= needed ? 0 : Math.ceil(((needed - this.tokens) * MINUTE_MS) / capacity);
    return Math.max(now + wait, this.heldUntil(now) ?? now);
  }

  heed(answer: unknown, now: number): void {
    const pause = retryAfterOf(answer);
    if (pause === undefined) return;
    const until = now + Math.min(pause, LONGEST_HOLD_MS);
    if (until <= this.held) return;
    if (this.heldUntil(now) === undefined)
      this.logger.warn('The venue asks to be left alone', { until: new Date(until).toISOString() });
    this.held = until;
  }

  heldUntil(now: number): number | undefined {
    return now < this.held ? this.held : undefined;
  }

  /** Half of the rate: a full bucket and what flows in within a minute are the whole. */
  private get capacity(): number {
    return this.config.current.execution.resendsPerMinute / 2;
  }

  private reservedFrom(kind: RequestKind): number {
    return kind === 'cancel' || kind === 'protection' ? 0 : this.capacity * RESERVED;
  }

  private take(kind: RequestKind, count: number): void {
    // What nobody held back may not use up what is kept for protection.
    this.tokens = Math.max(Math.min(this.tokens, this.reservedFrom(kind)), this.tokens - count);
  }

  /** A clock that was set back gains nothing and loses nothing. */
  private refill(now: number): void {
    const { capacity } = this;
    if (Number.isNaN(this.tokens)) this.takeUp(now, capacity);
    else if (now > this.refilledAt)
      this.tokens = Math.min(capacity, this.tokens + ((now - this.refilledAt) * capacity) / MINUTE_MS);
    this.refilledAt = now;
  }

  private takeUp(now: number, capacity: number): void {
    this.tokens = capacity;
    this.refilledAt = now - MINUTE_MS;
    const sent = [...this.history.all()].filter(({ createdAt }) => createdAt > now - MINUTE_MS && createdAt <= now);
    for (const { createdAt, request } of sent.sort((a, b) => a.createdAt - b.createdAt))
      this.sent(request.reduceOnly || protects(request) ? 'protection' : 'entry', createdAt);
    this.refill(now);
  }
}

/** `Retry-After` in milliseconds, on an answer or on an error, as an adapter hands it on. */
function retryAfterOf(answer: unknown): number | undefined {
  if (typeof answer !== 'object' || answer === null) return undefined;
  const { retryAfterMs } = answer as { readonly retryAfterMs?: unknown };
  return typeof retryAfterMs === 'number' && retryAfterMs > 0 ? retryAfterMs : undefined;
}
