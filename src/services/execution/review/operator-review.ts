import { injectable } from 'inversify';
import { readVenueOrder } from '../../../border/orders.js';
import { requireList } from '../../../border/reading.js';
import { isOurs } from '../../../domain/client-order-id.js';
import { fault } from '../../../domain/errors.js';
import { isTerminal } from '../../../domain/order-state.js';
import { inTime } from '../../../flow/in-time.js';
import { UNLIMITED } from '../../../flow/unlimited-requests.js';
import { inject } from '../../../injection/inject.js';
import { Clock } from '../../../ports/configuration/clock.js';
import { Logger } from '../../../ports/configuration/logger.js';
import { Scheduler } from '../../../ports/configuration/scheduler.js';
import { ConfigController } from '../../../ports/configuration/settings/config-controller.js';
import type { AccountDifference, AccountReview, ReconcileReport } from '../../../ports/core-services/account-review.js';
import { AccountStream, OrderLog } from '../../../ports/core-services/execution.js';
import type { Operator } from '../../../ports/core-services/operator-control.js';
import { ProductCatalogue } from '../../../ports/core-services/product-catalogue.js';
import { RequestBudget } from '../../../ports/core-services/request-budget.js';
import { RuntimeCoordinator } from '../../../ports/core-services/runtime-coordinator.js';
import { Portfolio } from '../../../ports/runtime-state/portfolio.js';
import { EventStore } from '../../../ports/storage/event-store.js';
import { AccountAccess } from '../../../ports/venue/account-access.js';
import type { VenueOrder } from '../../../ports/venue/venue-order.js';
import { VenueSession } from '../../../ports/venue/venue-session.js';
import { adoptedOrder } from '../orders/adopted-order.js';
import { compareAccount } from './compare-account.js';

/** Looks, at most: a bot that trades is seen with orders on their way. */
const MOST_LOOKS = 4;

/** A running bot's own look at its account. What is only late is brought in by its reconciliation, and said. */
@injectable()
export class OperatorReview implements AccountReview {
  constructor(
    @inject(ConfigController) readonly config: ConfigController,
    @inject(VenueSession) readonly session: VenueSession,
    @inject(AccountAccess) readonly account: AccountAccess,
    @inject(AccountStream) private readonly stream: Pick<AccountStream, 'backfill'>,
    @inject(OrderLog) readonly log: OrderLog,
    @inject(Portfolio) readonly portfolio: Portfolio,
    @inject(ProductCatalogue) readonly catalogue: ProductCatalogue,
    @inject(EventStore) readonly events: EventStore,
    @inject(RuntimeCoordinator) private readonly runtime: Pick<RuntimeCoordinator, 'differences'>,
    @inject(Scheduler) readonly scheduler: Scheduler,
    @inject(Clock) readonly clock: Clock,
    @inject(Logger) private readonly logger: Logger,
    @inject(RequestBudget) readonly budget: RequestBudget = UNLIMITED,
  ) {}

  /** A difference is told once it has stood through two looks with the bot's own reconciliation between them. */
  async reconcile(): Promise<ReconcileReport> {
    const first = await compareAccount(this);
    let before = first;
    let now = first;
    // A venue that does not answer is not asked over and over while a person waits.
    for (let looks = 1; looks < MOST_LOOKS && now.differences.length > 0 && isAnswered(now); looks += 1) {
      before = now;
      await this.runtime.differences();
      now = await compareAccount(this);
      if (now.differences.every((each) => isAmong(each, before.differences))) break;
    }
    return { ...now, mended: first.differences.filter((each) => !isAmong(each, now.differences)) };
  }

  async adopt(id: string, { actor, reason }: Operator): Promise<ReconcileReport> {
    const order = await this.foreignOrder(id);
    const { symbol, side, venueId, clientId = '' } = order;
    const instrument = this.catalogue.find(symbol);
    if (instrument === undefined || !this.config.current.symbols.includes(symbol))
      throw refused(`Order ${id} must be of a symbol of this bot, is of ${symbol}.`);
    const named = { order: clientId, order_id: venueId, symbol, side, size: order.size.toString() };
    await this.events.appendDurable('operator_command', { command: 'adopt', actor, reason, ...named });
    // Whatever was heard of it while the journal wrote is applied to it too.
    this.log.replace(adoptedOrder(order, clientId, instrument));
    this.events.append('order_adopted', { client_id: clientId, order_id: venueId, symbol });
    await this.stream.backfill();
    this.events.append('operator_outcome', { command: 'adopt', actor, outcome: 'done', detail: clientId });
    this.logger.warn(`Order ${clientId} of ${symbol} adopted by ${actor}: ${reason}`);
    return this.reconcile();
  }

  /** Throws CTRL-002. */
  private async foreignOrder(id: string): Promise<VenueOrder> {
    const listed = await inTime(() => this.account.listOpenOrders(), this);
    requireList(listed, 'Open orders');
    const found = listed.filter(({ clientId, venueId }) => clientId === id || venueId === id);
    const [order] = found;
    if (order === undefined || found.length > 1)
      throw refused(`Order ${id} must be one that is open at the venue, ${found.length} are.`);
    readVenueOrder(order, this.clock.now());
    const { clientId } = order;
    if (clientId === undefined) throw refused(`Order ${id} must have a client id, and has none.`);
    if (isOurs(clientId, this.config.current.botId) || this.log.find(clientId) !== undefined)
      throw refused(`Order ${id} must be somebody else's, is this bot's own.`);
    if (isTerminal(order.report.status)) throw refused(`Order ${id} must be open, is ${order.report.status}.`);
    if (!order.filled.isZero())
      throw refused(`Order ${id} must have filled nothing yet, has filled ${order.filled.toString()}.`);
    return order;
  }
}

const isAnswered = ({ differences }: ReconcileReport): boolean =>
  differences.every(({ what }) => what !== 'unanswered');

const isAmong = ({ what, of, held, believed }: AccountDifference, others: readonly AccountDifference[]): boolean =>
  others.some((other) => other.what === what && other.of === of && other.held === held && other.believed === believed);

const refused = (message: string): Error =>
  fault('CTRL-002', message, { fix: 'perpsbot reconcile names those that can be adopted.' });
