import { injectable } from 'inversify';
import { hold, type Decision } from '../../../domain/decision.js';
import { messageOf } from '../../../domain/errors.js';
import { isTerminal } from '../../../domain/order-state.js';
import type { Fill, Order } from '../../../domain/order.js';
import type { Position } from '../../../domain/position.js';
import { SymbolMap } from '../../../domain/symbol-map.js';
import { Throttle } from '../../../flow/throttle.js';
import { inject } from '../../../injection/inject.js';
import { Clock } from '../../../ports/configuration/clock.js';
import { Logger } from '../../../ports/configuration/logger.js';
import { Scheduler } from '../../../ports/configuration/scheduler.js';
import { ConfigController } from '../../../ports/configuration/settings/config-controller.js';
import { ExecutionCoordinator, OrderLog } from '../../../ports/core-services/execution.js';
import { IndicatorData } from '../../../ports/core-services/indicator-data.js';
import { ProductCatalogue } from '../../../ports/core-services/product-catalogue.js';
import { StrategyRegistry, type Strategy, type StrategyContext } from '../../../ports/core-services/strategy.js';
import type { StatusSource } from '../../../ports/market-services/lifecycle.js';
import { Portfolio } from '../../../ports/runtime-state/portfolio.js';
import { GateLedger, PendingWork } from '../../../ports/runtime-state/runtime-state.js';
import { EventStore } from '../../../ports/storage/event-store.js';
import type { EventStrategy, PositionChange } from '../../../ports/strategy/event-strategy.js';
import type { OrderTicket } from '../../../ports/strategy/order-ticket.js';
import type { StrategyGate } from '../../../ports/strategy/strategy-desk.js';
import type { StrategyHost } from '../../../ports/strategy/strategy-host.js';
import type { DeskPorts } from './desk-ports.js';
import { HostDesk } from './host-desk.js';
import { lotsBefore, StrategyInstance } from './strategy-instance.js';

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
  private readonly complaints = new Throttle();
  private isStarted = false;
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
    @inject(EventStore) private readonly journal: EventStore,
    @inject(PendingWork) private readonly pending: PendingWork,
    @inject(Scheduler) private readonly scheduler: Scheduler,
    @inject(Clock) private readonly clock: Clock,
    @inject(Logger) private readonly logger: Logger,
  ) {
    this.ports = { coordinator, log, portfolio, catalogue, indicators, ledger, journal, pending, clock, logger };
    log.onChange((order, previous) => this.ordered(order, previous));
    portfolio.onFill((fill, position) => this.filled(fill, position));
  }

  /** After the account is known and its cover stands: what rests is found before anything of the market is told. */
  start(): void {
    if (this.isStarted) return;
    for (const symbol of this.config.current.symbols) this.take(symbol, this.registry.strategyFor(symbol));
    this.isStarted = true;
    for (const instance of this.instances.values()) this.begin(instance);
  }

  /** Entries end first, unless everything is to stay; what is told then can only take off. */
  stop(): void {
    if (!this.isStarted) return;
    this.isStarted = false;
    this.cancelTimer?.();
    const keeps = this.config.current.execution.onShutdown === 'keep';
    for (const instance of this.instances.values()) {
      const { desk } = instance;
      if (!keeps) for (const ticket of [...desk.tickets.open()]) if (isEntry(ticket)) ticket.cancel('shutdown');
      instance.stop('shutdown', this.clock.now());
    }
  }

  take(symbol: string, strategy: Strategy): void {
    const events = strategy.events?.(symbol);
    const before = this.instances.get(symbol);
    if (events === undefined || before?.strategy === events) return;
    const { updateIntervalMs } = this.config.current;
    const desk = before?.desk ?? new HostDesk(strategy.name, symbol, updateIntervalMs, this.ports);
    const instance = new StrategyInstance(events, desk, (handler, error, at) =>
      this.failed(symbol, events, handler, error, at),
    );
    this.instances.set(symbol, instance);
    if (before === undefined) this.find(instance);
    if (this.isStarted) this.begin(instance);
  }

  step(context: StrategyContext, gate: StrategyGate, isAsked = true): Decision {
    const instance = this.instances.get(context.instrument.symbol);
    if (instance === undefined) return NOT_HOSTED;
    const decision = instance.step(context, gate, isAsked);
    this.arm();
    return decision;
  }

  fireTimers(now: number): void {
    for (const instance of this.instances.values()) instance.fireTimers(now);
    this.arm();
  }

  tickets(symbol: string): readonly OrderTicket[] {
    return this.instances.get(symbol)?.desk.open() ?? [];
  }

  /** By instance; empty where no strategy is told of events. */
  status(): Record<string, unknown> {
    return Object.fromEntries(
      [...this.instances.values()].map(({ desk, faults }) => [
        desk.tickets.instance,
        { open_orders: desk.open().length, asked: desk.asked.count, refused: desk.refusals, faults },
      ]),
    );
  }

  /** Tickets of orders that were there before the strategy was. */
  private find({ desk }: StrategyInstance): void {
    for (const order of this.log.all()) desk.tickets.of(order);
  }

  private begin(instance: StrategyInstance): void {
    const orders = [...instance.desk.open()];
    const missed = instance.takeMissed();
    instance.start(orders.length + missed.length === 0 ? undefined : { orders, missed }, this.clock.now());
    this.arm();
  }

  private ordered(order: Order, previous: Order | undefined): void {
    const symbol = order.origin?.asked === undefined ? undefined : order.request.symbol;
    const instance = symbol === undefined ? undefined : this.instances.get(symbol);
    if (instance?.ordered(order, previous) === true || (instance !== undefined && isTerminal(order.status)))
      this.tellSoon();
  }

  private filled(fill: Fill, position: Position): void {
    const instance = this.instances.get(fill.instrument.symbol);
    if (instance === undefined) return;
    const order = this.log.match(fill);
    const ticket = order === undefined ? undefined : instance.desk.tickets.of(order);
    if (ticket !== undefined && fill.cause === undefined) instance.filled(fill, ticket);
    else instance.changed(changeOf(fill, position));
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
    this.arm();
  }

  /** Where the pump moves the clock it asks for the timers itself; elsewhere the world's timers do. */
  private arm(): void {
    let at = Number.POSITIVE_INFINITY;
    if (this.isStarted) for (const { desk } of this.instances.values()) at = Math.min(at, desk.timers.nextAt);
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

  private failed(symbol: string, { name }: EventStrategy, handler: string, error: unknown, at: number): void {
    this.ledger.hold('strategy_error', symbol, at, this.config.current.updateIntervalMs, messageOf(error));
    this.ledger.failed?.(error, symbol, at);
    if (this.complaints.pass(at) === undefined) return;
    this.logger.error('A strategy failed while it was told of an event', { symbol, strategy: name, handler, error });
    if (this.journal.discards !== true)
      this.journal.append('strategy_fault', { symbol, strategy: name, handler, error: messageOf(error) });
  }
}

const isEntry = ({ role }: OrderTicket): boolean => role !== 'stop' && role !== 'exit' && role !== 'take_profit';

const changeOf = (fill: Fill, position: Position): PositionChange => ({
  position,
  before: lotsBefore(fill, position.lots),
  cause: fill.cause ?? 'external',
  at: fill.at,
});
