import { injectable } from 'inversify';
import { hold, type Decision } from '../../../domain/decision.js';
import { isTerminal } from '../../../domain/order-state.js';
import type { Fill, Order } from '../../../domain/order.js';
import type { Position } from '../../../domain/position.js';
import { SymbolMap } from '../../../domain/symbol-map.js';
import { inject } from '../../../injection/inject.js';
import { BuildIdentity } from '../../../ports/configuration/build-identity.js';
import { Clock, HostClock } from '../../../ports/configuration/clock.js';
import { Files } from '../../../ports/configuration/files.js';
import { Logger } from '../../../ports/configuration/logger.js';
import { HostScheduler, Scheduler } from '../../../ports/configuration/scheduler.js';
import { ConfigController } from '../../../ports/configuration/settings/config-controller.js';
import {
  ExecutionCoordinator,
  OrderGateway,
  OrderLog,
  type AmendNews,
  type Submission,
} from '../../../ports/core-services/execution.js';
import { IndicatorData } from '../../../ports/core-services/indicator-data.js';
import { ProductCatalogue } from '../../../ports/core-services/product-catalogue.js';
import { StrategyRegistry, type Strategy, type StrategyContext } from '../../../ports/core-services/strategy.js';
import type { Operator } from '../../../ports/core-services/operator-control.js';
import type { StatusSource } from '../../../ports/market-services/lifecycle.js';
import { Portfolio } from '../../../ports/runtime-state/portfolio.js';
import { GateLedger, PendingWork } from '../../../ports/runtime-state/runtime-state.js';
import { EventStore, type Payload } from '../../../ports/storage/event-store.js';
import { VenueSession } from '../../../ports/venue/venue-session.js';
import { SafetyLadder } from '../../../ports/storage/safety-ladder.js';
import type { OrderTicket } from '../../../ports/strategy/order-ticket.js';
import type { StrategyGate } from '../../../ports/strategy/strategy-desk.js';
import type { HandlerReport, StrategyHost, Suspension } from '../../../ports/strategy/strategy-host.js';
import type { DeskPorts } from './desk-ports.js';
import { HostDesk } from './host-desk.js';
import { Orphans } from './orphans.js';
import { UndeskedRecords } from './records/undesked-records.js';
import { Stopping } from './stopping.js';
import { StrategyInstance } from './strategy-instance.js';
import { Overseer, type OverseerParts } from './suspension/overseer.js';
import { Suspensions } from './suspension/suspensions.js';

const NOT_HOSTED = hold('The strategy is not told of events');

/**
 * Tells strategies by events what happens. News of their orders wait until whoever made them has finished, so that no
 * handler runs in the middle of another's work; the pump waits for them as for an answer that is on its way.
 */
@injectable()
export class StrategyHostService implements StrategyHost, StatusSource {
  readonly name = 'strategy-host';
  private readonly instances = new SymbolMap<StrategyInstance>();
  private readonly ports: DeskPorts;
  private readonly overseers = new SymbolMap<Overseer>();
  private readonly overseeing: OverseerParts;
  private readonly suspensions: Suspensions;
  private readonly orphans: Orphans;
  private readonly undesked: UndeskedRecords;
  private isStarted = false;
  private stopping: Stopping | undefined;
  private isDue = false;
  private cancelTimer: (() => void) | undefined;
  private timerAt = Number.POSITIVE_INFINITY;
  nextTimerAt = Number.POSITIVE_INFINITY;

  constructor(
    @inject(ConfigController) private readonly config: ConfigController,
    @inject(StrategyRegistry) private readonly registry: StrategyRegistry,
    @inject(ExecutionCoordinator) coordinator: ExecutionCoordinator,
    @inject(OrderLog) private readonly log: OrderLog,
    @inject(Portfolio) portfolio: Portfolio,
    @inject(ProductCatalogue) catalogue: ProductCatalogue,
    @inject(IndicatorData) indicators: IndicatorData,
    @inject(GateLedger) private readonly ledger: GateLedger,
    @inject(EventStore) journal: EventStore,
    @inject(PendingWork) private readonly pending: PendingWork,
    @inject(Scheduler) private readonly scheduler: Scheduler,
    @inject(HostScheduler) private readonly hostScheduler: Scheduler,
    @inject(Clock) private readonly clock: Clock,
    @inject(Logger) logger: Logger,
    @inject(BuildIdentity) build: BuildIdentity,
    @inject(Files) files: Files,
    @inject(HostClock) hostClock: HostClock,
    @inject(SafetyLadder) safety: SafetyLadder,
    @inject(OrderGateway) gateway: Pick<OrderGateway, 'onAmended'>,
    @inject(VenueSession) session: VenueSession,
  ) {
    this.suspensions = new Suspensions({ events: journal, config, build, files, logger });
    this.overseeing = { suspensions: this.suspensions, config, ledger, journal, hostClock, logger };
    this.ports = {
      ...{ config, coordinator, log, portfolio, catalogue, indicators },
      ...{ ledger, journal, pending, clock, logger, safety, session },
    };
    this.undesked = new UndeskedRecords(this.ports);
    this.orphans = new Orphans(this.ports, (id) => this.isConfigured(id));
    log.onChange((order, previous) => this.ordered(order, previous));
    portfolio.onFill((fill, position) => this.filled(fill, position));
    gateway.onAmended((news) => news.outcome === 'refused' && this.changeRefused(news));
  }

  /** After the account is known and its cover stands: what rests is found before anything of the market is told. */
  start(): void {
    if (this.isStarted) return;
    for (const symbol of this.config.current.symbols) this.take(symbol, this.registry.strategyFor(symbol));
    this.isStarted = true;
    this.orphans.look();
    for (const instance of this.instances.values()) this.begin(instance);
  }

  /** Entries end first, unless everything is to stay; what is told then can only take off. */
  stop(): Promise<void> | void {
    if (!this.isStarted || this.stopping !== undefined) return;
    const { execution, tasks } = this.config.current;
    this.stopping = new Stopping([...this.instances.values()], {
      ...{ scheduler: this.hostScheduler, logger: this.overseeing.logger, stopBudgetMs: tasks.stopBudgetMs },
      keepsAll: execution.onShutdown === 'keep',
    });
    const closed = this.stopping.begin(this.clock.now());
    if (closed === undefined) this.end();
    else return closed.then(() => this.end());
  }

  keeps(symbol: string): boolean {
    return this.instances.get(symbol)?.strategy.onStopping === 'keep';
  }

  take(symbol: string, strategy: Strategy): void {
    const events = strategy.events?.(symbol);
    const before = this.instances.get(symbol);
    if (events === undefined || before?.strategy === events) return;
    // A strategy of another name is another one.
    const own = before?.strategy.name === strategy.name ? before.desk : undefined;
    const known = own === undefined ? undefined : this.overseers.get(symbol);
    const overseer = known ?? new Overseer(strategy.name, symbol, this.overseeing);
    this.overseers.set(symbol, overseer);
    const desk = own ?? this.deskOf(strategy.name, symbol, overseer);
    const instance = new StrategyInstance(events, desk, overseer);
    this.instances.set(symbol, instance);
    if (own === undefined) this.find(instance);
    if (!this.isStarted) return;
    this.orphans.look();
    this.begin(instance);
  }

  step(context: StrategyContext, gate: StrategyGate, isAsked = true): Decision {
    const instance = this.instances.get(context.instrument.symbol);
    if (instance === undefined) return NOT_HOSTED;
    if (instance.desk.isSuspended) this.note(context);
    const decision = instance.step(context, gate, isAsked);
    // Asked at every step of every symbol: whoever has set no timer looks through nobody's.
    if (instance.desk.timers.nextAt !== instance.armedAt) this.arm();
    return decision;
  }

  decides(context: StrategyContext, strategy: string, decision: Decision): void {
    const desk = this.instances.get(context.instrument.symbol)?.desk;
    if (desk === undefined) this.undesked.decides(context, strategy, decision);
    else desk.handsOver(decision, context.mark);
  }

  answered(symbol: string, submission: Submission): void {
    this.undesked.handedOver(symbol, submission);
    this.instances.get(symbol)?.desk.answered(submission);
  }

  fireTimers(now: number): void {
    for (const instance of this.instances.values()) instance.fireTimers(now);
    this.arm();
  }

  tickets(symbol: string): readonly OrderTicket[] {
    return this.instances.get(symbol)?.desk.open() ?? [];
  }

  suspended(): readonly Suspension[] {
    return this.suspensions.all();
  }

  async resumeSuspended(id: string, by: Operator, more: Payload = {}): Promise<Suspension> {
    const suspension = await this.suspensions.resume(id, by, more);
    const overseer = this.overseers.get(suspension.symbol);
    if (this.instances.get(suspension.symbol)?.desk.tickets.instance === suspension.instance) overseer?.resume();
    return suspension;
  }

  handlerTimes(): ReadonlyMap<string, HandlerReport> {
    const times = new Map<string, HandlerReport>();
    for (const { desk } of this.instances.values()) {
      const report = this.overseers.get(desk.symbol)?.report();
      if (report !== undefined) times.set(desk.tickets.instance, report);
    }
    return times;
  }

  /** By instance; empty where no strategy is told of events. */
  status(): Record<string, unknown> {
    return Object.fromEntries(
      [...this.instances.values()].map(({ desk, faults, strategy }) => {
        const metrics = strategy.metrics?.() ?? {};
        const times = this.overseers.get(desk.symbol)?.report();
        return [
          desk.tickets.instance,
          {
            ...{ open_orders: desk.open().length, asked: desk.asked.count, refused: desk.refusals, faults },
            suspended: desk.isSuspended,
            ...(Object.keys(metrics).length === 0 ? {} : { metrics }),
            ...(times === undefined ? {} : { handler_p50_us: times.p50Us, handler_p99_us: times.p99Us }),
          },
        ];
      }),
    );
  }

  private isConfigured(id: string): boolean {
    for (const { desk } of this.instances.values()) if (desk.tickets.instance === id) return true;
    return false;
  }

  private end(): void {
    this.isStarted = false;
    this.stopping = undefined;
    this.cancelTimer?.();
    for (const instance of this.instances.values()) instance.stop('shutdown', this.clock.now());
  }

  private deskOf(strategy: string, symbol: string, overseer: Overseer): HostDesk {
    const { updateIntervalMs } = this.config.current;
    const desk = new HostDesk(strategy, symbol, updateIntervalMs, this.ports, (objection) =>
      overseer.suspend(objection),
    );
    overseer.take(desk);
    return desk;
  }

  /** Why it does not trade: `explain` counts it among the gates. */
  private note({ instrument: { symbol }, now }: StrategyContext): void {
    this.ledger.hold('suspended', symbol, now, this.config.current.updateIntervalMs);
  }

  /** Tickets of orders that were there before the strategy was. */
  private find({ desk }: StrategyInstance): void {
    const own: Order[] = [];
    for (const order of this.log.all()) {
      if (order.origin?.asked === undefined && isTerminal(order.status)) continue;
      desk.tickets.of(order);
      if (order.origin?.asked?.instance === desk.tickets.instance) own.push(order);
    }
    desk.kept.adopt(own);
  }

  private begin(instance: StrategyInstance): void {
    const orders = [...instance.desk.open()];
    const missed = instance.takeMissed();
    instance.start(orders.length + missed.length === 0 ? undefined : { orders, missed }, this.clock.now());
    this.arm();
  }

  private ordered(order: Order, previous: Order | undefined): void {
    const instance = this.instances.get(order.request.symbol);
    if (order.status === 'planned' && previous === undefined)
      (instance?.desk.records ?? this.undesked.of(order.request.symbol))?.reserved(order);
    if (instance === undefined) return;
    if (order.changing !== undefined && previous?.changing === undefined) instance.desk.records.changeReserved();
    const isNamed = order.origin?.asked !== undefined;
    if (!isNamed && instance.desk.tickets.unnamed === undefined) return;
    if (instance.ordered(order, previous) || (isNamed && isTerminal(order.status))) this.tellSoon();
  }

  private changeRefused(news: AmendNews): void {
    const order = this.log.find(news.clientId);
    const instance = order === undefined ? undefined : this.instances.get(order.request.symbol);
    if (order !== undefined && instance?.changeRefused(order, news) === true) this.tellSoon();
  }

  private filled(fill: Fill, position: Position): void {
    if (position.lots === 0) this.orphans.gone(fill.instrument.symbol);
    const instance = this.instances.get(fill.instrument.symbol);
    if (instance === undefined) return;
    instance.filled(fill, this.log.match(fill));
    this.tellSoon();
  }

  /** After everybody who is told of the same news has been told. */
  private tellSoon(): void {
    if (this.isDue || !this.isStarted) return;
    this.isDue = true;
    this.pending.track(Promise.resolve().then(() => this.tell()));
  }

  private tell(): void {
    this.isDue = false;
    for (const instance of this.instances.values()) if (instance.hasNews) instance.drain(this.clock.now());
    this.stopping?.looked();
    this.arm();
  }

  /** Where the pump moves the clock it asks for the timers itself; elsewhere the world's timers do. */
  private arm(): void {
    let at = Number.POSITIVE_INFINITY;
    if (this.isStarted)
      for (const instance of this.instances.values()) {
        instance.armedAt = instance.desk.timers.nextAt;
        at = Math.min(at, instance.armedAt);
      }
    this.nextTimerAt = at;
    if (at === this.timerAt) return;
    this.cancelTimer?.();
    this.cancelTimer = undefined;
    this.timerAt = at;
    if (at === Number.POSITIVE_INFINITY) return;
    this.cancelTimer = this.scheduler.after(Math.max(0, at - this.clock.now()), () => {
      this.timerAt = Number.NaN;
      this.fireTimers(this.clock.now());
    });
  }
}
