import { injectable } from 'inversify';
import { readCancelResult, readLookup } from '../../../border/orders.js';
import { fault, messageOf } from '../../../domain/errors.js';
import { OrderRequest, type Order } from '../../../domain/order.js';
import { canOnlyReduce, isSettled, isTerminal, protects } from '../../../domain/order-state.js';
import type { Approved } from '../../../domain/risk.js';
import { SymbolMap } from '../../../domain/symbol-map.js';
import { lots, units } from '../../../domain/units.js';
import { inject } from '../../../injection/inject.js';
import { AccountAccess } from '../../../ports/venue/account-access.js';
import { OrderEntry } from '../../../ports/venue/order-entry.js';
import { VenueSession } from '../../../ports/venue/venue-session.js';
import type { CancelResult } from '../../../ports/venue/cancel-result.js';
import { Clock } from '../../../ports/configuration/clock.js';
import { VenueTime } from '../../../ports/configuration/venue-time.js';
import { EntryPermit } from '../../../ports/core-services/entry-permit.js';
import { EventStore } from '../../../ports/storage/event-store.js';
import { AccountStream, OrderGateway, OrderLog, type PreSendCheck } from '../../../ports/core-services/execution.js';
import { Logger } from '../../../ports/configuration/logger.js';
import { UNLIMITED } from '../../../flow/unlimited-requests.js';
import { RequestBudget } from '../../../ports/core-services/request-budget.js';
import type { OrderIntent } from '../../../ports/core-services/risk-manager.js';
import { PendingWork } from '../../../ports/runtime-state/runtime-state.js';
import { SafetyLadder } from '../../../ports/storage/safety-ladder.js';
import { Scheduler } from '../../../ports/configuration/scheduler.js';
import { ConfigController } from '../../../ports/configuration/settings/config-controller.js';
import { FewIds } from '../orders/few-ids.js';
import { EntryCoolDown } from './entry-cool-down.js';
import { IntentRegister } from './intent-register.js';
import { MessageBudget } from './message-budget.js';
import { Mutex } from '../../../flow/mutex.js';
import { OrderSender } from './order-sender.js';
import { Retry } from '../../../flow/retry.js';
import { withDeadline } from '../../../flow/deadline.js';
import { inTime } from '../../../flow/in-time.js';
import { UnknownResolver } from './unknown-resolver.js';
import { applyVenueTruth, newsOf, refOf } from '../orders/venue-truth.js';

const NO_CHECKS: readonly PreSendCheck[] = [];
/** An order that is asked for, and what it has filled: fills, payments, transfers. */
const REQUESTS = 4;

/**
 * Entries of one symbol leave one after another, each when the one before has been answered. What reduces, and what is
 * cancelled, waits for nobody's answer.
 */
@injectable()
export class SerialOrderGateway implements OrderGateway {
  private readonly lanes = new SymbolMap<Mutex>();
  private readonly register: IntentRegister;
  private readonly sender: OrderSender;
  private readonly resolver: UnknownResolver;
  private readonly retry: Retry;
  private readonly messages: MessageBudget;
  private readonly coolDown: EntryCoolDown;
  /** Orders of this process on their way: their sender alone decides about them. */
  private readonly inFlight = new FewIds();
  private readonly withdrawn = new FewIds();
  /** Of those on their way, the ones that leave a position whose stop was reached. */
  private readonly protecting = new FewIds();
  /** And those that leave without a collar. */
  private readonly bare = new FewIds();
  private resolving: Promise<number> | undefined;
  private cancelFetch: (() => void) | undefined;
  private closed = false;

  constructor(
    @inject(ConfigController) private readonly config: ConfigController,
    @inject(VenueSession) session: VenueSession,
    @inject(OrderEntry) private readonly entry: OrderEntry,
    @inject(AccountAccess) private readonly account: AccountAccess,
    @inject(OrderLog) private readonly log: OrderLog,
    @inject(AccountStream) private readonly stream: AccountStream,
    @inject(EventStore) private readonly journal: EventStore,
    @inject(SafetyLadder) ladder: SafetyLadder,
    @inject(EntryPermit) permit: EntryPermit,
    @inject(PendingWork) private readonly pending: PendingWork,
    @inject(Scheduler) private readonly scheduler: Scheduler,
    @inject(Clock) private readonly clock: Clock,
    @inject(VenueTime) time: VenueTime,
    @inject(Logger) private readonly logger: Logger,
    @inject(RequestBudget) private readonly budget: RequestBudget = UNLIMITED,
  ) {
    this.register = new IntentRegister(
      config.current.botId,
      log,
      journal,
      session.capabilities.clientOrderId.remembered ?? true,
    );
    this.resolver = new UnknownResolver({
      session,
      time,
      account,
      log,
      stream,
      journal,
      logger,
      budget,
      clock,
      scheduler,
      config,
    });
    this.messages = new MessageBudget(config, journal, logger);
    this.coolDown = new EntryCoolDown(log, logger, budget);
    log.onChange((order, previous) => {
      if (order.filled > 0 && previous?.filled === 0) this.messages.traded(clock.now());
    });
    this.retry = new Retry(
      scheduler,
      pending,
      () => this.resolveAgain(),
      clock,
      () => this.isAtStake(),
      () => this.askAgainIn(),
    );
    this.sender = new OrderSender({
      config,
      entry,
      log,
      journal,
      ladder,
      permit,
      session,
      scheduler,
      clock,
      logger,
      budget,
      time,
      coolDown: this.coolDown,
      isWithdrawn: (clientId) => this.withdrawn.has(clientId),
      isProtecting: (clientId) => this.protecting.has(clientId),
      isBare: (clientId) => this.bare.has(clientId),
      onUnknown: () => this.retry.request(),
      onPositionDoubt: () => this.fetchFills(),
      onNews: (order, told) => this.stream.accept(newsOf(order, told)),
    });
  }

  submit(intent: Approved<OrderIntent>, now: number, checks: readonly PreSendCheck[] = NO_CHECKS): Order {
    if (this.closed && intent.value.protects !== true && !protects(intent.value))
      throw fault('BOT-001', 'The order gateway is closed.');
    if (!this.journal.healthy)
      throw fault('STORE-004', 'An order must not be sent while its intent cannot be made durable.', {
        fix: 'Repair the disk of the journal and restart.',
      });
    const { value } = intent;
    const sentAs = this.register.sentAs(value.signalId);
    if (sentAs !== undefined)
      throw fault('ORDER-002', `Decision ${value.signalId} must be sent once, was sent as ${sentAs}.`);
    const clientId = this.register.register(value.signalId);
    const order: Order = {
      request: new OrderRequest(value, clientId, now + this.config.current.execution.requestExpiryMs),
      status: 'planned',
      venueIds: [],
      filled: lots(0),
      filledNotional: units(0),
      createdAt: now,
      updatedAt: now,
      origin: value.origin,
    };
    this.messages.sent(now);
    this.budget.sent(protects(value) || value.reduceOnly || value.protects === true ? 'protection' : 'entry', now);
    this.inFlight.add(clientId);
    if (value.protects === true) this.protecting.add(clientId);
    if (value.bare === true) this.bare.add(clientId);
    this.log.reserve(order);
    this.pending.track(this.send(order, checks));
    return order;
  }

  objection(symbol: string, now: number): string | undefined {
    return this.coolDown.objection(symbol, now);
  }

  async cancel(clientId: string, why?: 'safety'): Promise<'cancelled' | 'not_open' | 'unknown'> {
    const order = this.log.find(clientId);
    if (order === undefined || isTerminal(order.status)) return 'not_open';
    if (order.status === 'planned' && this.inFlight.has(clientId)) {
      this.withdrawn.add(clientId);
      return 'cancelled';
    }
    if (why !== 'safety') this.messages.cancelled(this.clock.now());
    this.budget.sent('cancel', this.clock.now());
    const result = await this.askToCancel(order);
    this.journal.append('order_cancel', { client_id: clientId, symbol: order.request.symbol, outcome: result.outcome });
    if (result.outcome === 'cancelled') {
      this.log.report(clientId, { status: 'cancelled', at: result.at });
      return 'cancelled';
    }
    return result.outcome === 'unknown' ? 'unknown' : this.lookUpAfterCancel(order);
  }

  async resolveUnknown(now: number): Promise<number> {
    this.register.load();
    this.resolving ??= this.resolveAll(now).finally(() => (this.resolving = undefined));
    return this.resolving;
  }

  close(): void {
    this.closed = true;
    this.retry.stop();
    this.cancelFetch?.();
    this.cancelFetch = undefined;
  }

  private async send(order: Order, checks: readonly PreSendCheck[]): Promise<void> {
    const { clientId } = order.request;
    const lane = this.laneOf(order.request);
    await lane?.enter();
    try {
      await this.sender.send(order, checks);
    } catch (error) {
      this.logger.error('Sending an order failed', { client_order_id: clientId, error: messageOf(error) });
      this.retry.request();
    } finally {
      lane?.leave();
      this.inFlight.delete(clientId);
      this.withdrawn.delete(clientId);
      this.protecting.delete(clientId);
      this.bare.delete(clientId);
    }
  }

  /** What sleeps until an entry fills comes after that entry's answer: a venue knows no order that has not arrived. */
  private laneOf(request: OrderRequest): Mutex | undefined {
    const { symbol, options } = request;
    if (canOnlyReduce(request) && options?.after === undefined) return undefined;
    let lane = this.lanes.get(symbol);
    if (lane === undefined) this.lanes.set(symbol, (lane = new Mutex()));
    return lane;
  }

  private fetchFills(): void {
    const wait = this.askAgainIn();
    if (wait > 0) {
      this.cancelFetch ??= this.scheduler.after(wait, () => {
        this.cancelFetch = undefined;
        this.fetchFills();
      });
      return;
    }
    const work = this.stream
      .backfill()
      .catch((error: unknown) => this.logger.warn('Fills could not be fetched', { error: messageOf(error) }));
    this.pending.track(work);
  }

  /** Of its own accord as far as the rate goes: what is left is asked for later. */
  private async resolveAll(now: number, isAgain = false): Promise<number> {
    let settled = 0;
    for (const order of this.log.open()) {
      if (isSettled(order) || this.inFlight.has(order.request.clientId)) continue;
      if (isAgain && this.askAgainIn() > 0) break;
      if (await this.resolver.resolve(order, now)) settled += 1;
    }
    return settled;
  }

  /** An order that may have opened a position, for all that anybody knows. */
  private isAtStake(): boolean {
    return this.log.open().some((order) => !isSettled(order) && !order.request.reduceOnly);
  }

  /** Milliseconds until one more order may be asked for. */
  private askAgainIn(): number {
    const now = this.clock.now();
    return this.budget.freeAt(this.isAtStake() ? 'protection' : 'query', now, REQUESTS) - now;
  }

  private async resolveAgain(): Promise<boolean> {
    try {
      this.register.load();
      this.resolving ??= this.resolveAll(this.clock.now(), true).finally(() => (this.resolving = undefined));
      await this.resolving;
    } catch (error) {
      this.logger.error('Unknown orders could not be resolved', { error: messageOf(error) });
      return false;
    }
    return this.log.open().every((order) => isSettled(order) || this.inFlight.has(order.request.clientId));
  }

  private async askToCancel(order: Order): Promise<CancelResult> {
    const ref = refOf(order);
    try {
      const late = (): CancelResult => ({ outcome: 'unknown', ref, cause: 'timeout' });
      const limitMs = this.config.current.execution.requestTimeoutMs;
      const answer = await withDeadline(this.entry.cancelOrder(ref), { scheduler: this.scheduler, limitMs, late });
      this.budget.heed(answer, this.clock.now());
      return readCancelResult(answer, ref);
    } catch (error) {
      this.budget.heed(error, this.clock.now());
      this.logger.warn('Cancel failed', { client_order_id: ref.clientId, error: messageOf(error) });
      return { outcome: 'unknown', ref, cause: messageOf(error) };
    }
  }

  /** Nothing to cancel, or a request under way, may mean filled, cancelled or not arrived yet: the venue says which. */
  private async lookUpAfterCancel(order: Order): Promise<'cancelled' | 'not_open' | 'unknown'> {
    try {
      const { scheduler, config, budget, clock } = this;
      const ports = { scheduler, config, budget, clock };
      const answer = await inTime(() => this.account.getOrder(refOf(order)), ports);
      const lookup = readLookup(answer, this.clock.now());
      if (!lookup.found) return 'unknown';
      const current = await applyVenueTruth(this.log, this.stream, order, lookup.order);
      if (current.status === 'cancelled') return 'cancelled';
      return isTerminal(current.status) ? 'not_open' : 'unknown';
    } catch (error) {
      this.logger.warn('Order could not be looked up after a cancel', {
        client_order_id: order.request.clientId,
        error: messageOf(error),
      });
      return 'unknown';
    }
  }
}
