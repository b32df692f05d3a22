import { injectable } from 'inversify';
import { fault, messageOf } from '../../../domain/errors.js';
import { OrderRequest, type Order, type OrderChange } from '../../../domain/order.js';
import { protects } from '../../../domain/order-state.js';
import type { Approved } from '../../../domain/risk.js';
import { lots, units } from '../../../domain/units.js';
import { inject } from '../../../injection/inject.js';
import { AccountAccess } from '../../../ports/venue/account-access.js';
import { OrderEntry } from '../../../ports/venue/order-entry.js';
import { VenueSession } from '../../../ports/venue/venue-session.js';
import { Clock } from '../../../ports/configuration/clock.js';
import { VenueTime } from '../../../ports/configuration/venue-time.js';
import { DeadManSwitch } from '../../../ports/core-services/dead-man-switch.js';
import { EntryPermit } from '../../../ports/core-services/entry-permit.js';
import { EventStore } from '../../../ports/storage/event-store.js';
import {
  AccountStream,
  OrderGateway,
  OrderLog,
  type AmendAsk,
  type AmendNews,
  type CancelOutcome,
  type ChangeHands,
  type PreSendCheck,
} from '../../../ports/core-services/execution.js';
import { Logger } from '../../../ports/configuration/logger.js';
import { UNLIMITED } from '../../../flow/unlimited-requests.js';
import { RequestBudget } from '../../../ports/core-services/request-budget.js';
import type { OrderIntent } from '../../../ports/core-services/risk-manager.js';
import { PendingWork } from '../../../ports/runtime-state/runtime-state.js';
import { SafetyLadder } from '../../../ports/storage/safety-ladder.js';
import { Scheduler } from '../../../ports/configuration/scheduler.js';
import { ConfigController } from '../../../ports/configuration/settings/config-controller.js';
import { kindOf } from '../orders/request-kind.js';
import { FewIds } from '../orders/few-ids.js';
import { EntryCoolDown } from './entry-cool-down.js';
import { IntentRegister } from './intent-register.js';
import { MessageBudget } from './message-budget.js';
import { OrderLanes, type Departure, type LaneTurn } from './order-lanes.js';
import { OrderSender } from './order-sender.js';
import { namedInList } from '../../../flow/list-names.js';
import { OrderAmendments } from './amendments.js';
import { ChangeNews } from './change-news.js';
import { ChangeResolver } from './change-resolver.js';
import { Cancellations } from './cancellations.js';
import { UnknownOrders } from './unknown-orders.js';
import { newsOf } from '../orders/venue-truth.js';

const NO_CHECKS: readonly PreSendCheck[] = [];

/**
 * Entries of one symbol leave one after another, each when the one before has been answered. What reduces, and what is
 * cancelled, waits for nobody's answer.
 */
@injectable()
export class SerialOrderGateway implements OrderGateway {
  private readonly lanes: OrderLanes;
  private readonly register: IntentRegister;
  private readonly sender: OrderSender;
  private readonly unknown: UnknownOrders;
  private readonly cancellations: Cancellations;
  private readonly amendments: OrderAmendments;
  private readonly news: ChangeNews;
  private readonly messages: MessageBudget;
  private readonly coolDown: EntryCoolDown;
  /** Orders of this process on their way: their sender alone decides about them. */
  private readonly inFlight = new FewIds();
  private readonly withdrawn = new FewIds();
  /** Of those on their way, the ones that leave a position whose stop was reached. */
  private readonly protecting = new FewIds();
  /** And those that leave without a collar. */
  private readonly bare = new FewIds();
  private closed = false;

  constructor(
    @inject(ConfigController) private readonly config: ConfigController,
    @inject(VenueSession) session: VenueSession,
    @inject(OrderEntry) entry: OrderEntry,
    @inject(AccountAccess) account: AccountAccess,
    @inject(OrderLog) private readonly log: OrderLog,
    @inject(AccountStream) stream: AccountStream,
    @inject(EventStore) private readonly journal: EventStore,
    @inject(SafetyLadder) ladder: SafetyLadder,
    @inject(EntryPermit) permit: EntryPermit,
    @inject(PendingWork) private readonly pending: PendingWork,
    @inject(Scheduler) scheduler: Scheduler,
    @inject(Clock) clock: Clock,
    @inject(VenueTime) time: VenueTime,
    @inject(Logger) private readonly logger: Logger,
    @inject(RequestBudget) private readonly budget: RequestBudget = UNLIMITED,
    @inject(DeadManSwitch) deadMan: Pick<DeadManSwitch, 'checkOf'> = { checkOf: () => undefined },
  ) {
    this.register = new IntentRegister(
      config.current.botId,
      log,
      journal,
      session.capabilities.clientOrderId.remembered ?? true,
    );
    this.messages = new MessageBudget(config, journal, logger);
    this.news = new ChangeNews(logger);
    this.coolDown = new EntryCoolDown(log, logger, budget);
    log.onChange((order, previous) => {
      if (order.filled > 0 && previous?.filled === 0) this.messages.traded(clock.now());
    });
    const ports = {
      config,
      session,
      entry,
      account,
      log,
      stream,
      journal,
      ladder,
      pending,
      scheduler,
      clock,
      time,
      logger,
    };
    const shared = { ...ports, budget, messages: this.messages };
    this.unknown = new UnknownOrders({
      ...shared,
      register: this.register,
      isInFlight: (clientId) => this.inFlight.has(clientId) || this.amendments.isGoing(clientId),
      resolveChange: (order, now) => this.amendments.resolve(order, now),
    });
    this.cancellations = new Cancellations({ ...shared, withdraw: (order) => this.withdraw(order) });
    this.amendments = new OrderAmendments({
      ...shared,
      resolver: new ChangeResolver(shared),
      isClosed: () => this.closed,
      cancel: (clientId) => this.cancellations.cancel(clientId),
      onUnknown: () => this.unknown.request(),
      tell: (news) => this.news.tell(news),
    });
    this.lanes = new OrderLanes(() => session.capabilities.batch?.place ?? 1);
    this.sender = new OrderSender({
      ...{ ...shared, deadMan },
      permit,
      coolDown: this.coolDown,
      isWithdrawn: (clientId) => this.withdrawn.has(clientId),
      isProtecting: (clientId) => this.protecting.has(clientId),
      isBare: (clientId) => this.bare.has(clientId),
      onUnknown: () => this.unknown.request(),
      onPositionDoubt: () => this.unknown.fetchFills(),
      onNews: (order, told) => stream.accept(newsOf(order, told)),
    });
  }

  submit(intent: Approved<OrderIntent>, now: number, checks: readonly PreSendCheck[] = NO_CHECKS): Order {
    this.assertMaySend([intent.value]);
    const order = this.plan(intent.value, this.register.register(intent.value.signalId), now);
    const departure = { order, checks };
    if (!this.lanes.boards(departure)) this.leave([departure]);
    return order;
  }

  submitList(
    list: readonly Approved<OrderIntent>[],
    now: number,
    checks: readonly PreSendCheck[] = NO_CHECKS,
  ): readonly Order[] {
    const intents = list.map(({ value }) => value);
    this.assertMaySend(intents);
    const ids = intents.map(({ signalId }) => this.register.register(signalId));
    const orders = ids.map((id, index) =>
      this.plan(
        namedInList(intents, index, (of) => ids[of] as string),
        id,
        now,
      ),
    );
    this.leave(orders.map((order) => ({ order, checks })));
    return orders;
  }

  objection(symbol: string, now: number, reduces?: boolean): string | undefined {
    return this.coolDown.objection(symbol, now, reduces);
  }

  amend(clientId: string, change: OrderChange, _now: number, hands: ChangeHands): AmendAsk {
    return this.amendments.ask(clientId, change, hands);
  }

  onAmended(listener: (news: AmendNews) => void): () => void {
    return this.news.on(listener);
  }

  cancel(clientId: string, why?: 'safety'): Promise<CancelOutcome> {
    const change = this.amendments.drop(clientId);
    return change === undefined
      ? this.cancellations.cancel(clientId, why)
      : this.cancellations.cancelChanged(clientId, change, why);
  }

  cancelMany(clientIds: readonly string[], why?: 'safety'): Promise<readonly CancelOutcome[]> {
    return clientIds.some((clientId) => this.amendments.isGoing(clientId))
      ? Promise.all(clientIds.map((clientId) => this.cancel(clientId, why)))
      : this.cancellations.cancelMany(clientIds, why);
  }

  resolveUnknown(now: number): Promise<number> {
    return this.unknown.resolve(now);
  }

  close(): void {
    this.closed = true;
    this.unknown.stop();
  }

  private assertMaySend(intents: readonly OrderIntent[]): void {
    if (this.closed && !intents.every((intent) => intent.protects === true || protects(intent)))
      throw fault('BOT-001', 'The order gateway is closed.');
    if (!this.journal.healthy)
      throw fault('STORE-004', 'An order must not be sent while its intent cannot be made durable.', {
        fix: 'Repair the disk of the journal and restart.',
      });
    for (const { signalId } of intents) {
      const sentAs = this.register.sentAs(signalId);
      if (sentAs !== undefined)
        throw fault('ORDER-002', `Decision ${signalId} must be sent once, was sent as ${sentAs}.`);
    }
  }

  /** Reserves what is about to be sent. */
  private plan(value: OrderIntent, clientId: string, now: number): Order {
    const order: Order = {
      request: new OrderRequest(value, clientId, now + this.config.current.execution.requestExpiryMs),
      status: 'planned',
      venueIds: [],
      filled: lots(0),
      filledNotional: units(0),
      createdAt: now,
      updatedAt: now,
      origin: value.origin,
      ...(value.replaces === undefined ? {} : { replaces: value.replaces }),
    };
    this.messages.sent(now);
    this.budget.sent(kindOf(value, value.protects), now);
    this.inFlight.add(clientId);
    if (value.protects === true) this.protecting.add(clientId);
    if (value.bare === true) this.bare.add(clientId);
    this.log.reserve(order);
    return order;
  }

  /** True for an order that has not left, and now never will. */
  private withdraw({ status, request: { clientId } }: Order): boolean {
    if (status !== 'planned' || !this.inFlight.has(clientId)) return false;
    this.withdrawn.add(clientId);
    return true;
  }

  private leave(departures: readonly Departure[]): void {
    for (const turn of this.lanes.turns(departures)) this.pending.track(this.take(turn));
  }

  /** Settles when all of it has been answered; never rejects. */
  private async take(turn: LaneTurn): Promise<void> {
    await turn.come();
    const parcels = turn.parcels();
    if (turn.isFree) await Promise.all(parcels.map((parcel) => this.send(parcel)));
    else for (const parcel of parcels) await this.send(parcel);
    turn.over();
  }

  /** Never rejects. */
  private async send(parcel: readonly Departure[]): Promise<void> {
    const [first] = parcel;
    try {
      if (parcel.length === 1 && first !== undefined) await this.sender.send(first);
      else await this.sender.sendParcel(parcel);
    } catch (error) {
      this.logger.error('Sending an order failed', {
        client_order_id: first?.order.request.clientId,
        error: messageOf(error),
      });
      this.unknown.request();
    } finally {
      for (const { order } of parcel) this.forget(order.request.clientId);
    }
  }

  private forget(clientId: string): void {
    this.inFlight.delete(clientId);
    this.withdrawn.delete(clientId);
    this.protecting.delete(clientId);
    this.bare.delete(clientId);
  }
}
