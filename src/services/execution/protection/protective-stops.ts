import { injectable } from 'inversify';
import { isTerminal } from '../../../domain/order-state.js';
import type { Order } from '../../../domain/order.js';
import { lots, type MarkUnits } from '../../../domain/units.js';
import { inject } from '../../../injection/inject.js';
import { AccountAccess } from '../../../ports/venue/account-access.js';
import { VenueSession } from '../../../ports/venue/venue-session.js';
import { Clock } from '../../../ports/configuration/clock.js';
import { VenueTime } from '../../../ports/configuration/venue-time.js';
import { Logger } from '../../../ports/configuration/logger.js';
import { Scheduler } from '../../../ports/configuration/scheduler.js';
import { ConfigController } from '../../../ports/configuration/settings/config-controller.js';
import { AccountStream, ExecutionEngine, OrderGateway, OrderLog } from '../../../ports/core-services/execution.js';
import { DeadManSwitch } from '../../../ports/core-services/dead-man-switch.js';
import type { NakedPosition, Protection } from '../../../ports/core-services/protection.js';
import { UNLIMITED } from '../../../flow/unlimited-requests.js';
import type { OrderIntent } from '../../../ports/core-services/risk-manager.js';
import { RequestBudget } from '../../../ports/core-services/request-budget.js';
import { StrategyRegistry } from '../../../ports/core-services/strategy.js';
import type { Lifecycle, StatusSource } from '../../../ports/market-services/lifecycle.js';
import { MarkFreshness } from '../../../ports/runtime-state/mark-freshness.js';
import { OpenOrders } from '../../../ports/runtime-state/open-orders.js';
import { Portfolio } from '../../../ports/runtime-state/portfolio.js';
import { PendingWork } from '../../../ports/runtime-state/runtime-state.js';
import { EventStore } from '../../../ports/storage/event-store.js';
import { SafetyLadder } from '../../../ports/storage/safety-ladder.js';
import { EntryCover } from './away/entry-cover.js';
import { CoverProbe } from './cover-probe.js';
import { OverdueFills } from './overdue-fills.js';
import { PlannedStops } from './planned-stops.js';
import { isReached, type StopGuard } from './stop-guard.js';
import { StopKeeper } from './stop-keeper.js';
import { Withdrawals } from './withdrawals.js';

/**
 * Stops are sent with the entry where the venue knows brackets, else with the fill that opens or adds. What ends, is
 * refused, or is not answered is sent again, after pauses that grow; the venue is asked what stands where an answer is
 * missing. A stop that moves is replaced before the old one leaves.
 */
@injectable()
export class ProtectiveStops implements Protection, Lifecycle, StatusSource {
  readonly name = 'protective-stops';
  private readonly keeper: StopKeeper;
  private readonly withdrawals: Withdrawals;
  private readonly overdue: OverdueFills;
  private readonly entries: EntryCover;
  /** Symbols whose cover is not back since the start. */
  private readonly awaited = new Set<string>();
  /** Whoever asked the venue before the start has not been told everything. */
  private isInDoubt = false;
  private readonly subscriptions: (() => void)[] = [];

  constructor(
    @inject(ConfigController) private readonly config: ConfigController,
    @inject(StrategyRegistry) private readonly registry: StrategyRegistry,
    @inject(Portfolio) private readonly portfolio: Portfolio,
    @inject(OpenOrders) openOrders: OpenOrders,
    @inject(OrderLog) private readonly log: OrderLog,
    @inject(OrderGateway) private readonly gateway: OrderGateway,
    @inject(ExecutionEngine) engine: ExecutionEngine,
    @inject(VenueSession) session: VenueSession,
    @inject(AccountAccess) account: AccountAccess,
    @inject(AccountStream) private readonly stream: AccountStream,
    @inject(EventStore) private readonly journal: EventStore,
    @inject(SafetyLadder) private readonly ladder: SafetyLadder,
    @inject(PendingWork) private readonly pending: PendingWork,
    @inject(Scheduler) scheduler: Scheduler,
    @inject(Clock) private readonly clock: Clock,
    @inject(Logger) private readonly logger: Logger,
    @inject(VenueTime) private readonly time: VenueTime,
    @inject(MarkFreshness) freshness: MarkFreshness,
    @inject(DeadManSwitch) private readonly deadMan: DeadManSwitch,
    @inject(RequestBudget) budget: RequestBudget = UNLIMITED,
  ) {
    this.withdrawals = new Withdrawals({ gateway, log, pending, scheduler, clock, logger, budget });
    this.overdue = new OverdueFills({ stream, pending, scheduler, clock, logger, budget });
    const planned = new PlannedStops(journal, log);
    this.keeper = new StopKeeper({
      config,
      registry,
      portfolio,
      freshness,
      openOrders,
      log,
      engine,
      session,
      ladder,
      pending,
      scheduler,
      clock,
      logger,
      planned,
      probe: new CoverProbe({ config, account, log, stream, scheduler, clock, logger, budget }),
      withdrawals: this.withdrawals,
      budget,
      uncovered: (entry) => this.entries.refused(entry),
    });
    this.entries = new EntryCover({
      ...{ config, registry, session, openOrders, log, journal, logger, planned, deadMan },
      withdrawals: this.withdrawals,
      soon: (work) => this.keeper.soon(work),
      verify: () => this.keeper.verify(),
    });
  }

  /** Starts after strategies have been given back what they remember. */
  start(): void {
    if (this.subscriptions.length > 0) return;
    const { keeper, log, ladder, portfolio, stream, time, journal, gateway } = this;
    keeper.begin();
    // Before any stop is sent: what runs since a life before would take it along.
    this.deadMan.begin(this.entries);
    this.subscriptions.push(
      log.onChange((order, previous) => {
        // Runs whose journal keeps nothing are told of everything.
        if (journal.discards !== true) this.overdue.follow(order);
        this.follow(order, previous);
        this.entries.follow(order, previous);
      }),
      ladder.onChange(() => keeper.lookAtAll()),
      // A wish that waited may have found the order as it wanted it.
      gateway.onAmended(({ clientId, outcome }) => outcome === 'amended' && this.replanned(clientId)),
      // Our own fills come by their order, which is brought up to date first.
      portfolio.onFill((fill) => {
        if (log.match(fill) === undefined) keeper.soon(() => keeper.look(fill.instrument));
      }),
    );
    const recovered = stream.onRecovered?.(() => keeper.verify());
    // What was refused for a wrong clock's sake says nothing of the next one.
    const corrected = time.onDoubt?.((news) => news === 'corrected' && keeper.resend());
    for (const unsubscribe of [recovered, corrected])
      if (unsubscribe !== undefined) this.subscriptions.push(unsubscribe);
    keeper.recalling = true;
    keeper.lookAtAll();
    keeper.recalling = false;
    if (this.isInDoubt) keeper.verify();
    this.entries.begin();
    if (keeper.stopType === undefined) return;
    for (const [symbol, guard] of keeper.guards) if (isBare(guard)) this.awaited.add(symbol);
  }

  /** Where protection is to stay, it is looked after until the account's orders have been settled. */
  stop(): void {
    if (this.config.current.execution.onShutdown !== 'protect') this.release();
  }

  release(): void {
    for (const unsubscribe of this.subscriptions.splice(0)) unsubscribe();
    this.keeper.rest();
    this.overdue.rest();
  }

  async secure(): Promise<readonly string[]> {
    for (const guard of this.keeper.guards.values()) guard.stops.reset();
    this.keeper.lookAtAll();
    await this.pending.idle();
    return this.naked().map(({ symbol }) => symbol);
  }

  async leave(): Promise<void> {
    for (const { scope, until } of await this.deadMan.leave())
      this.logger.warn("A dead man's switch is left running: the venue ends the orders that rest", {
        scope,
        ...(until === undefined ? {} : { until: new Date(until).toISOString() }),
      });
  }

  verify(): void {
    this.isInDoubt = this.subscriptions.length === 0;
    this.keeper.verify();
  }

  onMark(symbol: string, mark: MarkUnits, now: number): void {
    const { keeper } = this;
    const guard = keeper.guarded === 0 ? undefined : keeper.guards.get(symbol);
    if (guard?.isOpen !== true) return;
    const position = this.portfolio.position(guard.instrument);
    const named = this.registry.strategyFor(symbol).protection?.(symbol, position);
    if (named !== guard.stop && (named !== undefined || guard.isNamed)) keeper.look(guard.instrument);
    if (guard.nakedSince !== undefined && isReached(guard, position, mark)) keeper.leave(guard, position, now);
  }

  objection(symbol: string): string | undefined {
    for (const each of this.awaited) {
      if (isBare(this.keeper.guards.get(each))) return `The stop of ${each} is not back at the venue yet.`;
      this.awaited.delete(each);
    }
    const guard = this.keeper.guards.get(symbol);
    if (guard?.nakedSince === undefined || !(guard.stops.until > this.clock.now())) return undefined;
    return `The venue does not keep the stop of the position in ${symbol}.`;
  }

  entryObjection(intent: OrderIntent, list?: readonly OrderIntent[]): string | undefined {
    return this.entries.objection(intent, list);
  }

  replanned(clientId: string): void {
    const entry = this.log.find(clientId);
    if (entry === undefined || entry.request.reduceOnly || isTerminal(entry.status)) return;
    this.keeper.followers.follow(entry);
  }

  naked(): readonly NakedPosition[] {
    const found: NakedPosition[] = [];
    for (const [symbol, { instrument, nakedSince, nakedLots, stop }] of this.keeper.guards) {
      if (nakedSince === undefined || stop === undefined) continue;
      found.push({
        symbol,
        size: this.portfolio.position(instrument).size.toString(),
        naked: instrument.sizeText(lots(nakedLots)),
        stop: instrument.priceText(stop),
        since: nakedSince,
      });
    }
    return found;
  }

  status(): Record<string, unknown> {
    const now = this.clock.now();
    let ms = 0;
    for (const guard of this.keeper.guards.values()) ms += guard.unprotectedMs(now);
    return {
      unprotected_s: ms / 1_000,
      dead_man: this.deadMan.running().map(({ scope, isProven, until }) => ({
        ...{ scope, proven: isProven },
        ...(until === undefined ? {} : { until: new Date(until).toISOString() }),
      })),
      naked: this.naked().map(({ since, ...position }) => ({ ...position, since: new Date(since).toISOString() })),
    };
  }

  private follow(order: Order, previous: Order | undefined): void {
    const { clientId, instrument, reduceOnly, options } = order.request;
    if (previous === undefined && order.status === 'planned' && !reduceOnly) this.keeper.followers.accompany(order);
    else if (previous !== undefined && !reduceOnly && hasOtherTerms(order, previous))
      this.keeper.followers.follow(order);
    const wasAsked = isTerminal(order.status) && this.withdrawals.ended(clientId);
    // One that was to travel with its entry and has never left tells nothing of the venue.
    const hasWaited = options?.after !== undefined && previous?.status === 'planned' && order.status === 'rejected';
    if (reduceOnly && order.status !== previous?.status && !wasAsked && !hasWaited) this.keeper.judge(order);
    // What a fill leads to is asked when whoever told of it has done: over bars the exchange is at the bar's close
    // then, and an order of the instant before would be too old for it.
    if (order.filled === (previous?.filled ?? 0)) this.keeper.look(instrument);
    else this.keeper.soon(() => this.keeper.look(instrument));
  }
}

const hasOtherTerms = ({ request }: Order, { request: before }: Order): boolean =>
  request !== before &&
  (request.limit !== before.limit || request.stop !== before.stop || request.lots !== before.lots);

/** For all that is known: nobody has been told yet whether the stops of before still stand. */
const isBare = (guard: StopGuard | undefined): boolean => guard?.nakedSince !== undefined || guard?.isInDoubt === true;
