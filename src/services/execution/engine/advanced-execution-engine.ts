import { injectable } from 'inversify';
import type { Instrument } from '../../../domain/instrument.js';
import { closesPosition, hasTrigger, type Order, type OrderChange } from '../../../domain/order.js';
import { lots, type Lots, type MarkUnits } from '../../../domain/units.js';
import { inject } from '../../../injection/inject.js';
import { AccountAccess } from '../../../ports/venue/account-access.js';
import { MarketFeed } from '../../../ports/venue/market-feed.js';
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
import { VenueTime } from '../../../ports/configuration/venue-time.js';
import { Logger } from '../../../ports/configuration/logger.js';
import { Portfolio } from '../../../ports/runtime-state/portfolio.js';
import { ProductCatalogue } from '../../../ports/core-services/product-catalogue.js';
import { UNLIMITED } from '../../../flow/unlimited-requests.js';
import { RequestBudget } from '../../../ports/core-services/request-budget.js';
import { RiskManager, type OrderEffect, type OrderIntent } from '../../../ports/core-services/risk-manager.js';
import { SafetyLadder } from '../../../ports/storage/safety-ladder.js';
import { QuotePrices } from '../../../ports/runtime-state/quote-prices.js';
import { PendingWork } from '../../../ports/runtime-state/runtime-state.js';
import { Scheduler } from '../../../ports/configuration/scheduler.js';
import { ConfigController } from '../../../ports/configuration/settings/config-controller.js';
import { checkRules } from './exchange-rules.js';
import { LiveExecutionEngine } from './live-execution-engine.js';
import { postOnlyCheck } from './post-only-check.js';
import { ChildFills } from './child-fills.js';
import { HeldStops } from './held-stops.js';
import { OrderChanges } from './order-changes.js';
import { StopTriggers } from './stop-triggers.js';
import { WatchedPrice } from './watched-price.js';

const REMEMBERED_SIGNALS = 1_024;

/** The plain engine, with post-only by a fresh quote, stops that the venue cannot hold, and replacing. */
@injectable()
export class AdvancedExecutionEngine implements ExecutionEngine {
  readonly kind = 'advanced';
  /** Rules, risk and the gateway are its. */
  private readonly plain: LiveExecutionEngine;
  private readonly sent = new Map<string, string>();
  private readonly stops: StopTriggers;
  private readonly held: HeldStops;
  private readonly children: ChildFills;
  private readonly checks: readonly PreSendCheck[];
  private readonly changes: OrderChanges;

  constructor(
    @inject(ConfigController) private readonly config: ConfigController,
    @inject(VenueSession) private readonly session: VenueSession,
    @inject(MarketFeed) feed: MarketFeed,
    @inject(OrderEntry) entry: OrderEntry,
    @inject(AccountAccess) account: AccountAccess,
    @inject(OrderGateway) gateway: OrderGateway,
    @inject(OrderLog) log: OrderLog,
    @inject(Portfolio) private readonly portfolio: Portfolio,
    @inject(RiskManager) risk: RiskManager,
    @inject(ProductCatalogue) catalogue: ProductCatalogue,
    @inject(EventStore) journal: EventStore,
    @inject(PendingWork) pending: PendingWork,
    @inject(SafetyLadder) ladder: SafetyLadder,
    @inject(Scheduler) scheduler: Scheduler,
    @inject(Clock) clock: Clock,
    @inject(VenueTime) time: VenueTime,
    @inject(QuotePrices) prices: QuotePrices,
    @inject(Logger) private readonly logger: Logger,
    @inject(RequestBudget) budget: RequestBudget = UNLIMITED,
  ) {
    this.plain = new LiveExecutionEngine(
      config,
      session,
      entry,
      account,
      catalogue,
      portfolio,
      risk,
      gateway,
      log,
      journal,
      pending,
      scheduler,
      clock,
      logger,
      budget,
    );
    this.stops = new StopTriggers(journal, catalogue, (clientId) => log.find(clientId), {
      clock,
      scheduler,
      budget,
    });
    // What was refused for a wrong clock's sake says nothing of the next one.
    time.onDoubt?.((news) => news === 'corrected' && this.stops.calm());
    this.checks = [postOnlyCheck(feed, { scheduler, config, clock, budget })];
    this.children = new ChildFills({ log, journal, ladder, logger });
    this.changes = new OrderChanges({
      gateway,
      log,
      risk,
      portfolio,
      catalogue,
      place: (intent, now) => this.plain.place(intent, now, undefined, intent.postOnly ? this.checks : undefined),
      onReplaced: (order, clientId, whole) => this.linkReplacement(order, clientId, whole),
    });
    this.held = new HeldStops({
      config,
      session,
      log,
      portfolio,
      triggers: this.stops,
      children: this.children,
      watched: new WatchedPrice(config, prices, logger),
      pending,
      clock,
      budget,
      logger,
      place: (intent, now) => this.plain.place(intent, now),
    });
  }

  /** The same signal again gives the order it gave before. */
  place(intent: OrderIntent, now: number, effect?: OrderEffect): Submission {
    const before = this.sent.get(intent.signalId);
    if (before !== undefined) return { outcome: 'submitted', clientId: before };
    if (hasTrigger(intent.type) && !this.session.capabilities.orderTypes.includes(intent.type))
      return this.holdStop(intent, now);
    const submission = this.plain.place(intent, now, effect, intent.postOnly ? this.checks : undefined);
    if (submission.outcome === 'submitted') this.remember(intent.signalId, submission.clientId);
    return submission;
  }

  /** The same signals again give the orders they gave before. A stop that the venue does not take refuses the list. */
  placeList(intents: readonly OrderIntent[], now: number): readonly Submission[] {
    const before = intents.map(({ signalId }) => this.sent.get(signalId));
    if (before.length > 0 && before.every((clientId) => clientId !== undefined))
      return before.map((clientId) => ({ outcome: 'submitted', clientId }));
    const submissions = this.plain.placeList(intents, now, this.checks);
    for (const [index, submission] of submissions.entries())
      if (submission.outcome === 'submitted') this.remember(intents[index]?.signalId ?? '', submission.clientId);
    return submissions;
  }

  /** A stop that is held here has no order yet: it is not open. */
  amend(clientId: string, change: OrderChange, now: number): AmendAsk {
    return this.changes.amend(clientId, change, now);
  }

  cancelMany(clientIds: readonly string[], why?: 'safety'): Promise<readonly CancelOutcome[]> {
    return this.plain.cancelMany(clientIds, why);
  }

  refuse(intent: OrderIntent, check: string, reason: string, now: number): Submission {
    return this.plain.refuse(intent, check, reason, now);
  }

  onMark(symbol: string, mark: MarkUnits, now: number): void {
    if (this.stops.of(symbol) !== undefined) this.checkStopTriggers(symbol, mark, now);
  }

  /** Sends the order of every held stop that the mark has reached; returns the ids of those that were sent. */
  checkStopTriggers(symbol: string, mark: MarkUnits, now: number): readonly string[] {
    return this.held.check(symbol, mark, now);
  }

  handOverStops(now: number): void {
    this.held.handOver(now);
  }

  release(): void {
    this.held.rest();
  }

  /**
   * Closes the whole position of an instrument at market, by the position's own sign. What the collar leaves of it is
   * sent again at once without one, and whatever else is left until the position is gone, over restarts; `cancelAll`
   * ends that.
   */
  closePosition(instrument: Instrument, reason: string, now: number): Submission {
    const { lots: held } = this.portfolio.position(instrument);
    if (held === 0) return { outcome: 'nothing', reason: 'no position to close' };
    const signalId = `close|${instrument.symbol}|${now}`;
    const before = this.sent.get(signalId);
    if (before !== undefined) return { outcome: 'submitted', clientId: before };
    const submission = this.held.leave(
      {
        instrument,
        side: held > 0 ? 'sell' : 'buy',
        type: 'market',
        lots: lots(Math.abs(held)),
        timeInForce: this.config.current.execution.timeInForce,
        postOnly: false,
        reduceOnly: true,
        signalId,
        origin: { strategy: this.config.current.strategy.name, reason, decidedAt: now },
        urgent: true,
      },
      now,
    );
    if (submission.outcome === 'submitted') this.remember(signalId, submission.clientId);
    return submission;
  }

  cancelAll(reason: string, spares?: Spares): Promise<CancelReport> {
    const dropped = this.held.clear(spares);
    if (dropped.length > 0) this.logger.warn('Held stops dropped', { reason, stops: dropped });
    return this.plain.cancelAll(reason, spares);
  }

  metrics(): Readonly<Record<string, number>> {
    const { total, armed } = this.stops.counts();
    return { ...this.plain.metrics(), 'execution.stop_triggers': total, 'execution.active_stops': armed };
  }

  private holdStop(intent: OrderIntent, now: number): Submission {
    const { symbol } = intent.instrument;
    if (this.stops.has(intent.signalId, symbol)) return { outcome: 'submitted', clientId: intent.signalId };
    if (intent.type === 'trailing_stop')
      return this.plain.refuse(
        intent,
        'stop_disabled',
        `${this.session.capabilities.venue} has no trailing stops.`,
        now,
      );
    // What is held has a size: whatever is open when its price comes, the bot sends no more than was meant.
    if (closesPosition(intent))
      return this.plain.refuse(intent, 'unsupported', 'A stop that the bot holds must have a size.', now);
    const objection = checkRules(intent, undefined, true, intent.reduceOnly);
    if (objection !== undefined) return this.plain.refuse(intent, objection.check, objection.reason, now);
    this.stops.add(intent);
    return { outcome: 'submitted', clientId: intent.signalId };
  }

  private linkReplacement({ request }: Order, clientId: string, whole: Lots): void {
    const { children } = this;
    const parent = children.originOf(request.clientId);
    children.link(request.clientId, parent, whole, request.instrument);
    children.link(clientId, parent, whole, request.instrument);
  }

  private remember(signalId: string, clientId: string): void {
    this.sent.set(signalId, clientId);
    if (this.sent.size <= REMEMBERED_SIGNALS) return;
    for (const oldest of this.sent.keys()) {
      this.sent.delete(oldest);
      return;
    }
  }
}
