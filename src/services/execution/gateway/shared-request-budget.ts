import { injectable } from 'inversify';
import { HOUR_MS, MINUTE_MS } from '../../../domain/time-spans.js';
import { inject } from '../../../injection/inject.js';
import { Logger } from '../../../ports/configuration/logger.js';
import { VenueTime } from '../../../ports/configuration/venue-time.js';
import { ConfigController } from '../../../ports/configuration/settings/config-controller.js';
import type { RequestBudget, RequestKind } from '../../../ports/core-services/request-budget.js';
import { EventStore } from '../../../ports/storage/event-store.js';
import { OrdersStore } from '../../../ports/storage/orders-store.js';
import { kindOf } from '../orders/request-kind.js';

/** Of the bucket, kept for cancellations and protection. */
const RESERVED = 0.25;
/** A venue that names a longer pause means something else; it is asked again after this. */
const LONGEST_HOLD_MS = HOUR_MS;

/** Journal record of a pause that a venue has asked for. */
const RECORD = 'left_alone';
/** A pause is told again with each refusal: what differs by less is the same one. */
const SAME_MS = 1_000;
/** Of every sort, more than once over. */
const MOST_RECORDS = 100;
const NEVER = Number.NEGATIVE_INFINITY;

/**
 * A token bucket that holds half of a minute's rate and fills with the other half, so that no minute sees more than
 * the rate. The orders of earlier runs have used it too: a restart does not fill it, and ends no pause.
 *
 * A pause holds everything but what reduces and what cancels: it is told to whoever asked too often, and that may have
 * been a question. An order that reduces is tried once, and so is a cancellation; a pause that is told in answer to one
 * holds all of its sort until it is over, because venues lengthen the ban of whoever goes on (Binance: 2 minutes to
 * 3 days).
 */
@injectable()
export class SharedRequestBudget implements RequestBudget {
  private tokens = Number.NaN;
  private refilledAt = 0;
  private held = NEVER;
  /** As was told in answer to what reduces or protects. */
  private heldForAll = NEVER;
  /** As was told in answer to a cancellation. */
  private heldForCancels = NEVER;
  private isRestored = false;

  constructor(
    @inject(ConfigController) private readonly config: ConfigController,
    @inject(OrdersStore) private readonly history: Pick<OrdersStore, 'all'>,
    @inject(EventStore) private readonly journal: Pick<EventStore, 'append' | 'query' | 'discards'>,
    @inject(Logger) private readonly logger: Logger,
    @inject(VenueTime) private readonly time: Pick<VenueTime, 'measuredMs'> = { measuredMs: 0 },
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
    // What is cancelled again has had its try: it waits for every pause.
    return Math.max(now + wait, this.heldUntil(now, kind === 'cancel' ? 'query' : kind) ?? now);
  }

  heed(answer: unknown, now: number, kind: RequestKind = 'query'): void {
    const pause = retryAfterOf(answer);
    if (pause === undefined) return;
    this.restore(now);
    // World time may be put right before the pause is over, and would end it by so much early.
    const until = now + Math.min(pause, LONGEST_HOLD_MS) + this.time.measuredMs;
    const isNew = until - this.holds(kind) >= SAME_MS;
    if (this.heldUntil(now) === undefined)
      this.logger.warn('The venue is left alone', { until: new Date(until).toISOString(), why: wordsOf(answer) });
    this.hold(until, kind);
    if (isNew && this.journal.discards !== true)
      this.journal.append(RECORD, {
        until,
        for_all: kind === 'protection',
        ...(kind === 'cancel' ? { for_cancels: true } : {}),
      });
  }

  heldUntil(now: number, kind: RequestKind = 'query'): number | undefined {
    this.restore(now);
    const held = this.holds(kind);
    return now < held ? held : undefined;
  }

  private holds(kind: RequestKind): number {
    if (kind === 'protection') return this.heldForAll;
    return kind === 'cancel' ? this.heldForCancels : this.held;
  }

  private hold(until: number, kind: RequestKind): void {
    this.held = Math.max(this.held, until);
    if (kind === 'protection') this.heldForAll = Math.max(this.heldForAll, until);
    if (kind === 'cancel') this.heldForCancels = Math.max(this.heldForCancels, until);
  }

  /** What an earlier run was told. A record that cannot be read is no pause: the venue tells it again. */
  private restore(now: number): void {
    if (this.isRestored) return;
    this.isRestored = true;
    for (const { payload } of this.journal.query({ types: [RECORD], limit: MOST_RECORDS })) {
      const { until, for_all: forAll, for_cancels: forCancels } = payload;
      const kind = forAll === true ? 'protection' : forCancels === true ? 'cancel' : 'query';
      if (typeof until === 'number' && until > now) this.hold(Math.min(until, now + LONGEST_HOLD_MS), kind);
    }
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
      this.sent(kindOf(request), createdAt);
    this.refill(now);
  }
}

/** `Retry-After` in milliseconds, on an answer or on an error, as an adapter hands it on. */
function retryAfterOf(answer: unknown): number | undefined {
  if (typeof answer !== 'object' || answer === null) return undefined;
  const { retryAfterMs } = answer as { readonly retryAfterMs?: unknown };
  return typeof retryAfterMs === 'number' && retryAfterMs > 0 ? retryAfterMs : undefined;
}

/** An error says itself whose word it was: the venue's, or our own count of what it allows. */
const wordsOf = (answer: unknown): string => (answer instanceof Error ? answer.message : 'the venue has asked for it');
