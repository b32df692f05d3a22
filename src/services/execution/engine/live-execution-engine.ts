import { injectable } from 'inversify';
import type { OrderChange } from '../../../domain/order.js';
import { messageOf, PerpsBotError } from '../../../domain/errors.js';
import { closesPosition } from '../../../domain/order.js';
import { listObjection } from '../../../flow/list-names.js';
import { inject } from '../../../injection/inject.js';
import { AccountAccess } from '../../../ports/venue/account-access.js';
import { OrderEntry } from '../../../ports/venue/order-entry.js';
import { VenueSession } from '../../../ports/venue/venue-session.js';
import { EventStore } from '../../../ports/storage/event-store.js';
import {
  OrderGateway,
  OrderLog,
  type AmendAsk,
  type CancelOutcome,
  type CancelReport,
  type ExecutionEngine,
  type PreSendCheck,
  type Spares,
  type Submission,
} from '../../../ports/core-services/execution.js';
import { Clock } from '../../../ports/configuration/clock.js';
import { UNLIMITED } from '../../../flow/unlimited-requests.js';
import { RequestBudget } from '../../../ports/core-services/request-budget.js';
import { Logger } from '../../../ports/configuration/logger.js';
import { Portfolio } from '../../../ports/runtime-state/portfolio.js';
import { ProductCatalogue } from '../../../ports/core-services/product-catalogue.js';
import { RiskManager, type OrderEffect, type OrderIntent } from '../../../ports/core-services/risk-manager.js';
import { PendingWork } from '../../../ports/runtime-state/runtime-state.js';
import { Scheduler } from '../../../ports/configuration/scheduler.js';
import { ConfigController } from '../../../ports/configuration/settings/config-controller.js';
import { cancelEverything } from '../gateway/cancel-all.js';
import { checkRules, type Objection } from './exchange-rules.js';
import { checkCapabilities } from './venue-abilities.js';
import { orderFacts } from '../orders/order-facts.js';
import { onGrid } from '../orders/on-grid.js';
import { OrderMetrics } from '../orders/order-metrics.js';
import { FilterRefusals } from './filter-refusals.js';
import { OrderChanges } from './order-changes.js';
import { previewCheck } from './preview.js';
import { RefusalLog } from './refusal-log.js';

const NO_CHECKS: readonly PreSendCheck[] = [];

/**
 * Product, venue rules, risk, gateway: the first objection refuses the order. Sends what it is given, or refuses it.
 */
@injectable()
export class LiveExecutionEngine implements ExecutionEngine {
  readonly kind = 'live';
  private readonly orderMetrics: OrderMetrics;
  private readonly refusals: RefusalLog;
  private readonly preview: readonly PreSendCheck[];
  private readonly filters: FilterRefusals;
  private readonly changes: OrderChanges;

  constructor(
    @inject(ConfigController) private readonly config: ConfigController,
    @inject(VenueSession) private readonly session: VenueSession,
    @inject(OrderEntry) private readonly entry: OrderEntry,
    @inject(AccountAccess) private readonly account: AccountAccess,
    @inject(ProductCatalogue) private readonly catalogue: ProductCatalogue,
    @inject(Portfolio) private readonly portfolio: Portfolio,
    @inject(RiskManager) private readonly risk: RiskManager,
    @inject(OrderGateway) private readonly gateway: OrderGateway,
    @inject(OrderLog) private readonly log: OrderLog,
    @inject(EventStore) private readonly journal: EventStore,
    @inject(PendingWork) pending: PendingWork,
    @inject(Scheduler) private readonly scheduler: Scheduler,
    @inject(Clock) private readonly clock: Clock,
    @inject(Logger) private readonly logger: Logger,
    @inject(RequestBudget) private readonly budget: RequestBudget = UNLIMITED,
  ) {
    this.orderMetrics = new OrderMetrics(log);
    this.refusals = new RefusalLog(journal, logger);
    this.preview = [previewCheck({ config, entry, journal, scheduler, clock, budget, logger, session })];
    this.filters = new FilterRefusals({ catalogue, pending, journal, logger });
    const place = (intent: OrderIntent, now: number): Submission => this.place(intent, now);
    this.changes = new OrderChanges({ gateway, log, risk, portfolio, catalogue, place, onReplaced: () => undefined });
    log.onChange((order, previous) => this.filters.follow(order, previous));
  }

  /** `checks` run before the bytes leave. */
  place(
    given: OrderIntent,
    now: number,
    effect?: OrderEffect,
    checks: readonly PreSendCheck[] = NO_CHECKS,
  ): Submission {
    const intent = onGrid(given, this.catalogue.find(given.instrument.symbol));
    try {
      const known = intent === given ? effect : undefined;
      const objection = sentAlone(intent) ?? this.object(intent, known ?? this.risk.effectOf(intent), now);
      if (objection !== undefined) return this.refuse(intent, objection.check, objection.reason, now);
      const verdict = this.risk.approve(intent, now);
      if (!verdict.approved) return this.refuse(intent, verdict.check, verdict.reason, now);
      const order = this.gateway.submit(verdict, now, this.withPreview(checks));
      return { outcome: 'submitted', clientId: order.request.clientId };
    } catch (error) {
      return this.failed(intent, error, now);
    }
  }

  /** All of them or none; `checks` run before the bytes of each leave. */
  placeList(
    given: readonly OrderIntent[],
    now: number,
    checks: readonly PreSendCheck[] = NO_CHECKS,
  ): readonly Submission[] {
    const intents = given.map((intent) => onGrid(intent, this.catalogue.find(intent.instrument.symbol)));
    try {
      const malformed = listObjection(intents);
      const verdict =
        malformed === undefined
          ? this.risk.approveList(intents, now, (intent) => this.object(intent, this.risk.effectOf(intent), now))
          : { approved: false as const, ...malformed };
      if (!verdict.approved) return intents.map((intent) => this.refuse(intent, verdict.check, verdict.reason, now));
      return this.gateway
        .submitList(verdict.orders, now, this.withPreview(checks))
        .map(({ request }) => ({ outcome: 'submitted', clientId: request.clientId }));
    } catch (error) {
      return intents.map((intent) => this.failed(intent, error, now));
    }
  }

  amend(clientId: string, change: OrderChange, now: number): AmendAsk {
    return this.changes.amend(clientId, change, now);
  }

  cancelMany(clientIds: readonly string[], why?: 'safety'): Promise<readonly CancelOutcome[]> {
    return this.gateway.cancelMany(clientIds, why);
  }

  refuse(intent: OrderIntent, check: string, reason: string, now: number): Submission {
    this.refusals.record(intent, check, reason, now);
    this.orderMetrics.refused(check);
    return { outcome: 'refused', check, reason };
  }

  async cancelAll(reason: string, spares?: Spares): Promise<CancelReport> {
    const { entry, account, gateway, log, logger, scheduler, budget, clock } = this;
    const limitMs = this.config.current.execution.requestTimeoutMs;
    const ports = { entry, account, gateway, log, logger, budget, clock, limit: { scheduler, limitMs } };
    const report = await cancelEverything(ports, this.config.current.botId, spares);
    this.journal.append('cancel_all', { reason, cancelled: report.cancelled, unconfirmed: report.unconfirmed });
    return report;
  }

  metrics(): Record<string, number> {
    return this.orderMetrics.gauges();
  }

  private object(intent: OrderIntent, effect: OrderEffect, now: number): Objection | undefined {
    const { symbol } = intent.instrument;
    const reducing = intent.reduceOnly || effect.shrinks || closesPosition(intent);
    const { confirmed, held } = this.catalogue.getProduct(symbol);
    // What is held can be left, whatever an answer does not name.
    if (!confirmed && !reducing)
      return { check: 'product_unconfirmed', reason: held ?? `${symbol} has not been confirmed by the venue.` };
    return (
      (reducing ? undefined : this.filters.objection(symbol)) ??
      checkCapabilities(intent, this.session.capabilities, now, effect.closes) ??
      checkRules(intent, this.portfolio.lastMark(symbol), reducing, effect.closes)
    );
  }

  private withPreview(checks: readonly PreSendCheck[]): readonly PreSendCheck[] {
    const isAsked = this.config.current.execution.previewOrders && this.session.capabilities.preview;
    return isAsked ? [...checks, ...this.preview] : checks;
  }

  private failed(intent: OrderIntent, error: unknown, now: number): Submission {
    if (PerpsBotError.is(error) && error.code === 'STORE-004')
      return this.refuse(intent, 'journal_unhealthy', error.message, now);
    if (PerpsBotError.is(error) && error.code === 'BOT-001') return this.refuse(intent, 'closed', error.message, now);
    if (PerpsBotError.is(error) && error.code === 'ORDER-002')
      return this.refuse(intent, 'duplicate_intent', error.message, now);
    const message = messageOf(error);
    this.logger.error('Order failed', { ...orderFacts(intent), error: message });
    this.journal.append('order_exception', { ...orderFacts(intent), error: message });
    this.orderMetrics.refused('exception');
    return { outcome: 'refused', check: 'exception', reason: message };
  }
}

/** What names others of a list would be sent without them. */
const sentAlone = ({ within }: OrderIntent): Objection | undefined =>
  within === undefined
    ? undefined
    : { check: 'list', reason: 'An order that names others of its list must be placed together with them.' };
