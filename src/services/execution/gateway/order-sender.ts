import { readSubmitResult } from '../../../border/orders.js';
import { messageOf } from '../../../domain/errors.js';
import { OrderRequest, type Order, type OrderTerms } from '../../../domain/order.js';
import { canOnlyReduce, canRestAndIncrease, protects } from '../../../domain/order-state.js';
import { onWire } from '../orders/on-wire.js';
import { thrown, unanswered } from '../orders/unanswered.js';
import type { Ticks } from '../../../domain/units.js';
import type { OrderEntry } from '../../../ports/venue/order-entry.js';
import type { VenueSession } from '../../../ports/venue/venue-session.js';
import type { SubmitResult } from '../../../ports/venue/submit-result.js';
import type { VenueOrder } from '../../../ports/venue/venue-order.js';
import type { Clock } from '../../../ports/configuration/clock.js';
import type { VenueTime } from '../../../ports/configuration/venue-time.js';
import type { DeadManSwitch } from '../../../ports/core-services/dead-man-switch.js';
import type { EntryPermit } from '../../../ports/core-services/entry-permit.js';
import type { RequestBudget } from '../../../ports/core-services/request-budget.js';
import type { EventStore } from '../../../ports/storage/event-store.js';
import type { OrderLog, PreSendCheck } from '../../../ports/core-services/execution.js';
import type { Logger } from '../../../ports/configuration/logger.js';
import type { SafetyLadder } from '../../../ports/storage/safety-ladder.js';
import type { Scheduler } from '../../../ports/configuration/scheduler.js';
import type { ConfigController } from '../../../ports/configuration/settings/config-controller.js';
import { kindOf } from '../orders/request-kind.js';
import { requestFacts } from '../orders/order-facts.js';
import { withDeadline } from '../../../flow/deadline.js';
import type { EntryCoolDown } from './entry-cool-down.js';
import type { Departure } from './order-lanes.js';

export interface SenderPorts {
  readonly config: ConfigController;
  readonly entry: OrderEntry;
  readonly log: OrderLog;
  readonly journal: EventStore;
  readonly ladder: SafetyLadder;
  readonly permit: EntryPermit;
  readonly deadMan: Pick<DeadManSwitch, 'checkOf'>;
  readonly session: VenueSession;
  readonly scheduler: Scheduler;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Cancelled before it was sent. */
  readonly isWithdrawn: (clientId: string) => boolean;
  /** Leaves a position whose stop was reached. */
  readonly isProtecting: (clientId: string) => boolean;
  /** Leaves without a collar. */
  readonly isBare: (clientId: string) => boolean;
  /** Somebody must find out. */
  readonly onUnknown: () => void;
  /** The venue holds another position than we believe. */
  readonly onPositionDoubt: () => void;
  /** The acknowledgement tells more than the order's name. */
  readonly onNews: (order: Order, told: VenueOrder) => void;
  /** Knows whether the venue has asked for a pause. */
  readonly budget: Pick<RequestBudget, 'heed'>;
  readonly time: Pick<VenueTime, 'suspect'>;
  /** Knows whether entries wait. */
  readonly coolDown: Pick<EntryCoolDown, 'objection'>;
}

/** Sends one planned order and turns the venue's answer, or its silence, into the order's state. */
export class OrderSender {
  constructor(private readonly ports: SenderPorts) {}

  async send({ order, checks }: Departure): Promise<void> {
    const { log, journal, scheduler } = this.ports;
    try {
      const durable = log.makeDurable(order);
      // A slow disk makes no order late in a simulated world.
      if (journal.discards !== true) scheduler.waitFor?.(durable);
      await durable;
    } catch (error) {
      this.refuse(order, 'journal_unhealthy', messageOf(error));
      return;
    }
    const objection = (await this.objectionOf(order, checks)) ?? this.obstacle(order);
    if (objection !== undefined) {
      this.refuse(order, objection);
      return;
    }
    const request = this.toSend(order.request);
    this.announce(order, collarOf(order, request));
    let result: SubmitResult;
    try {
      const answer = await this.transmit(order, request);
      this.heed(order, answer);
      result = this.read(order, answer);
    } catch (error) {
      this.heed(order, error);
      result = thrown(order, error, this.ports.clock.now());
    }
    this.settle(order, result);
  }

  /** Several as one request, each with an outcome of its own. */
  async sendParcel(parcel: readonly Departure[]): Promise<void> {
    const prepared = await Promise.all(parcel.map((departure) => this.prepare(departure)));
    const reasons = parcel.map(({ order }, index) => prepared[index] ?? this.obstacle(order));
    const left: Order[] = [];
    const requests: OrderRequest[] = [];
    for (const [index, { order }] of parcel.entries()) {
      const objection = reasons[index] ?? this.entryRefused(order) ?? coverRefused(order, parcel, reasons);
      if (objection !== undefined) {
        this.refuse(order, objection);
        continue;
      }
      const request = this.toSend(order.request);
      this.announce(order, collarOf(order, request));
      left.push(order);
      requests.push(request);
    }
    if (left.length === 0) return;
    const results = await this.transmitParcel(left, requests);
    for (const [index, order] of left.entries()) this.settle(order, results[index] as SubmitResult);
  }

  /** Why it does not leave, as far as that is known before the others of its parcel are ready. */
  private async prepare({ order, checks }: Departure): Promise<string | undefined> {
    const { log, journal, scheduler } = this.ports;
    try {
      const durable = log.makeDurable(order);
      if (journal.discards !== true) scheduler.waitFor?.(durable);
      await durable;
    } catch (error) {
      return `journal_unhealthy: ${messageOf(error)}`;
    }
    return this.objectionOf(order, checks);
  }

  /** Nothing follows an entry of its own parcel that does not leave. */
  private entryRefused({ request: { options } }: Order): string | undefined {
    const entry = options?.after === undefined ? undefined : this.ports.log.find(options.after);
    return entry?.status === 'rejected' ? `entry_refused: ${entry.reason ?? 'its entry was refused'}` : undefined;
  }

  /** What checks ask the venue is not asked for an order that would not leave anyway. */
  private async objectionOf(order: Order, checks: readonly PreSendCheck[]): Promise<string | undefined> {
    const guard = this.ports.deadMan.checkOf(order.request);
    if (checks.length === 0 && guard === undefined) return undefined;
    let reason = this.obstacle(order);
    for (const check of checks) reason ??= await check(order.request);
    if (guard !== undefined) reason ??= await guard(order.request);
    return reason;
  }

  private heed({ request }: Order, answer: unknown): void {
    const { budget, clock, isProtecting } = this.ports;
    budget.heed(answer, clock.now(), kindOf(request, isProtecting(request.clientId)));
  }

  /** The world may have changed since the decision: asked in the same step in which the bytes leave. */
  private obstacle(order: Order): string | undefined {
    const { request } = order;
    const { ladder, clock, journal, permit, coolDown, isWithdrawn, isProtecting } = this.ports;
    if (isWithdrawn(request.clientId)) return 'withdrawn';
    const protecting = protects(request) || isProtecting(request.clientId);
    if (!ladder.permits(request.reduceOnly, protecting))
      return ladder.state === 'REDUCE_ONLY' ? 'reduce_only' : 'halted';
    if (!journal.healthy) return 'journal_unhealthy';
    if (request.expiresAt !== undefined && !(clock.now() <= request.expiresAt)) return 'expired';
    const held = permit.objection(request, clock.now());
    if (held !== undefined) return `${held.check}: ${held.reason}`;
    // Whoever sent it may have asked before the pause was told: nothing passes by this.
    const reduces = protecting || canOnlyReduce(request);
    const waits = coolDown.objection(request.symbol, clock.now(), reduces);
    if (waits !== undefined) return `cool_down: ${waits}`;
    return reduces ? undefined : this.beyondCollar(request);
  }

  /** The price may have left a limit that would now trade further away than anything that adds may. */
  private beyondCollar(request: OrderRequest): string | undefined {
    const { permit, clock } = this.ports;
    const { limit, stop, side, instrument } = request;
    if (limit === undefined || stop !== undefined) return undefined;
    const worst = permit.worstPrice(request, clock.now());
    if (worst === undefined || (side === 'buy' ? limit <= worst : limit >= worst)) return undefined;
    return `price_collar: The collar ends at ${instrument.priceText(worst)} as the order leaves, its limit is ${instrument.priceText(limit)}.`;
  }

  private announce({ request }: Order, collar: Ticks | undefined): void {
    const { log, journal, clock } = this.ports;
    const report = { status: 'sending', at: clock.now() } as const;
    log.report(request.clientId, collar === undefined ? report : { ...report, collar });
    if (journal.discards !== true) journal.append('order_submission', requestFacts(request));
  }

  /**
   * A market order leaves as an immediate limit at the collar, where the venue has those. What is left of one that
   * protects is sent again by whoever sent it, bare.
   */
  private toSend(request: OrderRequest): OrderRequest {
    const { permit, clock, session, isBare } = this.ports;
    const own = onWire(request, session.capabilities);
    if (request.type !== 'market' || isBare(request.clientId)) return own;
    const { orderTypes, timeInForce } = session.capabilities;
    if (!orderTypes.includes('limit') || !timeInForce.includes('IOC')) return own;
    const limit = permit.worstPrice(request, clock.now());
    const terms: OrderTerms = own;
    return limit === undefined ? own : new OrderRequest({ ...terms, type: 'limit', limit, timeInForce: 'IOC' });
  }

  private transmit(order: Order, request: OrderRequest): Promise<SubmitResult> {
    const { entry, scheduler, config } = this.ports;
    const reply = entry.placeOrder(request);
    const late = (): SubmitResult => {
      this.listenForLateReply(order, reply);
      return unanswered(order, 'timeout');
    };
    return withDeadline(reply, { scheduler, limitMs: config.current.execution.requestTimeoutMs, late });
  }

  private async transmitParcel(
    orders: readonly Order[],
    requests: readonly OrderRequest[],
  ): Promise<readonly SubmitResult[]> {
    const { entry, scheduler, config } = this.ports;
    try {
      const reply = entry.placeOrders(requests);
      const each = (answers: unknown, index: number): unknown => (Array.isArray(answers) ? answers[index] : answers);
      const late = (): readonly SubmitResult[] => {
        for (const [index, order] of orders.entries())
          this.listenForLateReply(
            order,
            reply.then((answers) => each(answers, index) as SubmitResult),
          );
        return orders.map((order) => unanswered(order, 'timeout'));
      };
      const limitMs = config.current.execution.requestTimeoutMs;
      const answers: unknown = await withDeadline(reply, { scheduler, limitMs, late });
      return orders.map((order, index) => {
        const answer = each(answers, index) as SubmitResult;
        this.heed(order, answer);
        return this.read(order, answer);
      });
    } catch (error) {
      for (const order of orders) this.heed(order, error);
      return orders.map((order) => thrown(order, error, this.ports.clock.now()));
    }
  }

  private read({ request: { clientId, symbol } }: Order, answer: SubmitResult): SubmitResult {
    return readSubmitResult(answer, { clientId, symbol }, this.ports.clock.now());
  }

  private settle(order: Order, result: SubmitResult): void {
    const { log, journal, clock, logger, onUnknown } = this.ports;
    const { clientId, symbol } = order.request;
    if (result.outcome === 'accepted') {
      log.report(clientId, { status: 'open', at: result.at, venueId: result.venueId });
      if (journal.discards !== true)
        journal.append('order_accepted', { ...requestFacts(order.request), order_id: result.venueId });
      if (result.order !== undefined) this.ports.onNews(order, result.order);
      return;
    }
    // A duplicate id says that the first one exists, not that this one was refused.
    if (result.outcome === 'rejected' && result.reason !== 'duplicate_client_id') {
      this.refuse(order, result.reason, result.message, result.at);
      if (result.reason === 'reduce_only') this.ports.onPositionDoubt();
      // By our clock it could not have been late: one of the two is wrong.
      if (result.reason === 'expired' && clock.now() <= (order.request.expiresAt ?? 0)) this.ports.time.suspect?.();
      return;
    }
    const cause = result.outcome === 'unknown' ? result.cause : result.reason;
    log.report(clientId, { status: 'unknown', at: clock.now(), reason: cause });
    journal.append('order_unknown', { client_id: clientId, symbol, cause });
    logger.warn('Order outcome unknown', { client_order_id: clientId, cause });
    onUnknown();
  }

  /**
   * A reply after the timeout still tells the truth; silence or a failure tells nothing new. One that comes when the
   * journal is closed is told again by the venue when the next start asks.
   */
  private listenForLateReply(order: Order, reply: Promise<SubmitResult>): void {
    const { logger } = this.ports;
    reply
      .then(
        (answer) => {
          this.heed(order, answer);
          const result = this.read(order, answer);
          if (result.outcome !== 'unknown') this.settle(order, result);
        },
        () => undefined,
      )
      .catch((error: unknown) =>
        logger.warn('A late reply could not be recorded', {
          client_order_id: order.request.clientId,
          error: messageOf(error),
        }),
      );
  }

  private refuse(order: Order, check: string, message = '', at = this.ports.clock.now()): void {
    const { log, journal } = this.ports;
    const { clientId } = order.request;
    const reason = message === '' ? check : `${check}: ${message}`;
    log.report(clientId, { status: 'rejected', at, reason });
    journal.append('order_rejected', { ...requestFacts(order.request), reason });
  }
}

/** An entry does not come to rest without the stop that was to sleep behind it. */
function coverRefused(
  { request }: Order,
  parcel: readonly Departure[],
  reasons: readonly (string | undefined)[],
): string | undefined {
  if (!canRestAndIncrease(request)) return undefined;
  const refused = parcel.findIndex(
    ({ order: { request: other } }, index) =>
      reasons[index] !== undefined && protects(other) && other.options?.after === request.clientId,
  );
  return refused < 0 ? undefined : `unprotected: its stop does not leave: ${reasons[refused] ?? ''}`;
}

/** The limit that a market order leaves with. */
const collarOf = ({ request: { type } }: Order, sent: OrderRequest): Ticks | undefined =>
  type === 'market' ? sent.limit : undefined;
