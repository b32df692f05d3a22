import { injectable } from 'inversify';
import { fault, messageOf } from '../../domain/errors.js';
import { inject } from '../../injection/inject.js';
import { AccountAccess } from '../../ports/venue/account-access.js';
import { venuesOfAnotherWorld } from '../../ports/venue/account-roles.js';
import { AccountSettings } from '../../ports/venue/account-settings.js';
import { OrderEntry } from '../../ports/venue/order-entry.js';
import { Treasury } from '../../ports/venue/treasury.js';
import { VenueSession } from '../../ports/venue/venue-session.js';
import { Clock } from '../../ports/configuration/clock.js';
import { AccountLock } from '../../ports/storage/account-lock.js';
import { EventStore } from '../../ports/storage/event-store.js';
import {
  AccountStream,
  ExecutionEngine,
  OrderGateway,
  OrderReconciler,
  PositionReconciler,
} from '../../ports/core-services/execution.js';
import { Logger } from '../../ports/configuration/logger.js';
import { OpenOrders } from '../../ports/runtime-state/open-orders.js';
import { OrdersStore } from '../../ports/storage/orders-store.js';
import { Portfolio } from '../../ports/runtime-state/portfolio.js';
import { Protection } from '../../ports/core-services/protection.js';
import { ProductCatalogue } from '../../ports/core-services/product-catalogue.js';
import { StrategyHost } from '../../ports/strategy/strategy-host.js';
import { RequestBudget } from '../../ports/core-services/request-budget.js';
import { RiskManager } from '../../ports/core-services/risk-manager.js';
import { PendingWork } from '../../ports/runtime-state/runtime-state.js';
import { RuntimeCoordinator } from '../../ports/core-services/runtime-coordinator.js';
import { SafetyLadder } from '../../ports/storage/safety-ladder.js';
import { VenueTimekeeper } from '../../ports/core-services/venue-timekeeper.js';
import { HostScheduler, type Scheduler } from '../../ports/configuration/scheduler.js';
import { ConfigController } from '../../ports/configuration/settings/config-controller.js';
import { withDeadline } from '../../flow/deadline.js';
import { askUnlessHeld } from '../../flow/left-alone.js';
import { sparedAtStop } from '../../flow/spared-protection.js';
import { UNLIMITED } from '../../flow/unlimited-requests.js';
import { declareAccount } from './declare-account.js';
import { leftAlone } from './left-alone.js';
import { takeOwnAccount } from './own-account.js';
import { assertVenueServes } from './venue-needs.js';
import { endBefore } from './run-before.js';

/** What was looked at so lately is not asked for again: a list of all orders is dear. */
const JUST_LOOKED_MS = 10_000;
/** Of the time this part may take to stop; the rest is for leaving the venue. */
const SHARE_FOR_ORDERS = 0.8;

/** Brings the account's state up (journal, venue, orders, positions) and down again. */
@injectable()
export class AccountRuntimeCoordinator implements RuntimeCoordinator {
  readonly name = 'runtime-coordinator';
  private abort = new AbortController();
  private connected = false;
  /** Start has come to its end: the account is the journal's own, and its orders are ours to cancel. */
  private ready = false;
  /** Orders that the journal had open when this run began. */
  private found = 0;
  /** When all open orders were found to be as the venue has them; undefined once that has been used. */
  private lookedAt: number | undefined;

  constructor(
    @inject(ConfigController) readonly config: ConfigController,
    @inject(VenueSession) readonly session: VenueSession,
    @inject(VenueTimekeeper) private readonly timekeeper: VenueTimekeeper,
    @inject(AccountAccess) readonly access: AccountAccess,
    @inject(OrderEntry) private readonly orderEntry: OrderEntry,
    @inject(AccountSettings) readonly settings: AccountSettings,
    @inject(Treasury) private readonly treasury: Treasury,
    @inject(ProductCatalogue) private readonly catalogue: ProductCatalogue,
    @inject(EventStore) readonly events: EventStore,
    @inject(AccountLock) readonly accountLock: AccountLock,
    @inject(OrdersStore) private readonly orders: OrdersStore,
    @inject(OpenOrders) private readonly openOrders: OpenOrders,
    @inject(Portfolio) private readonly portfolio: Portfolio,
    @inject(SafetyLadder) private readonly ladder: SafetyLadder,
    @inject(RiskManager) private readonly risk: RiskManager,
    @inject(AccountStream) readonly account: AccountStream,
    @inject(OrderGateway) private readonly gateway: OrderGateway,
    @inject(ExecutionEngine) private readonly engine: ExecutionEngine,
    @inject(OrderReconciler) private readonly orderReconciler: OrderReconciler,
    @inject(PositionReconciler) private readonly positionReconciler: PositionReconciler,
    @inject(StrategyHost) private readonly strategies: Pick<StrategyHost, 'keeps'>,
    @inject(Protection) private readonly protection: Protection,
    @inject(PendingWork) private readonly pending: PendingWork,
    @inject(HostScheduler) readonly hostScheduler: Scheduler,
    @inject(Clock) readonly clock: Clock,
    @inject(Logger) readonly logger: Logger,
    @inject(RequestBudget) readonly budget: RequestBudget = UNLIMITED,
  ) {}

  async start(): Promise<void> {
    this.abort = new AbortController();
    this.ladder.reconcileBy(() => this.differences());
    this.assertWorld();
    if (this.budget.heldUntil(this.clock.now()) !== undefined) await leftAlone(this, this.abort.signal);
    await askUnlessHeld(() => this.session.connect(this.abort.signal), this);
    this.connected = true;
    assertVenueServes(this.session.capabilities, this.config.current.botId);
    await this.timekeeper.begin();
    await takeOwnAccount(this);
    await this.catalogue.refresh();
    this.assertSymbols();
    this.ladder.restore();
    this.restoreState();
    // Before a stream is open, so that nothing newer is told over.
    await declareAccount(this);
    await this.account.open(this.abort.signal);
    await this.account.backfill();
    await this.confirmPositions();
    await this.confirmOrders();
    this.ready = true;
  }

  /** Whatever fails or hangs on the way, the venue is left in the end. */
  async stop(): Promise<void> {
    this.gateway.close();
    if (!this.connected) {
      this.abort.abort();
      return;
    }
    this.connected = false;
    try {
      const limitMs = this.config.current.tasks.stopBudgetMs * SHARE_FOR_ORDERS;
      await withDeadline(this.settleOrders(), { scheduler: this.hostScheduler, limitMs });
    } catch (error) {
      this.logger.error('Orders could not be settled before leaving the venue', { error: messageOf(error) });
    }
    this.engine.release?.();
    this.protection.release();
    try {
      await this.account.close();
    } finally {
      this.abort.abort();
      await this.session.disconnect();
      // Not before: what is on its way would meet another bot's orders.
      this.accountLock.release();
    }
  }

  async reconcileStateOnStartup(): Promise<void> {
    if (this.config.current.execution.skipStartupReconcile) {
      this.logger.info('Startup reconciliation skipped by configuration');
      this.tellOfEnd('not compared with the venue');
      return;
    }
    try {
      await this.gateway.resolveUnknown(this.clock.now());
      if (!this.hasJustLooked()) await this.orderReconciler.reconcile();
      const positions = await this.positionReconciler.reconcile();
      this.portfolio.setKnown(positions.matched);
      if (!positions.matched) throw new Error(`positions differ from the venue: ${JSON.stringify(positions.drift)}`);
      this.tellOfEnd('reconciled: bot and venue agree');
    } catch (error) {
      this.events.append('error', { message: 'startup_reconcile_failed', error: messageOf(error) });
      this.logger.error('Startup reconciliation failed', { error });
      this.tellOfEnd('not reconciled');
      await this.ladder.tighten('REDUCE_ONLY', 'startup_reconcile_failed');
    }
  }

  /** A crash is nothing that anybody saw: the next start says that it was, and what became of what it left. */
  private tellOfEnd(outcome: string): void {
    const end = endBefore(this.events);
    if (end === undefined) return;
    const orders = this.found === 1 ? '1 order was open' : `${this.found} orders were open`;
    this.logger.warn(`The run before did not end in order: ${end}; ${orders}; ${outcome}`);
  }

  /**
   * Asks the venue as at start and puts what is left into words: orders of unknown outcome, orders that nobody can
   * explain, positions that differ, and what could not be asked. Looking may resolve what was on its way.
   */
  async differences(): Promise<readonly string[]> {
    const differences: string[] = [];
    try {
      await this.gateway.resolveUnknown(this.clock.now());
      const { unexplained } = await this.orderReconciler.reconcile();
      for (const clientId of unexplained) differences.push(`Order ${clientId} is told differently by the venue.`);
      for (const { request, status } of this.openOrders.all())
        if (status === 'unknown') differences.push(`What became of order ${request.clientId} is not known.`);
    } catch (error) {
      differences.push(`The venue could not be asked for its orders: ${messageOf(error)}`);
    }
    try {
      const { matched, drift } = await this.positionReconciler.reconcile();
      this.portfolio.setKnown(matched);
      for (const [symbol, { ours, venue }] of Object.entries(drift))
        differences.push(`Position in ${symbol}: ${ours} here, ${venue} at the venue.`);
    } catch (error) {
      this.portfolio.setKnown(false);
      differences.push(`The venue could not be asked for its positions: ${messageOf(error)}`);
    }
    return differences;
  }

  /**
   * Loosens whatever holds the bot back, a halt and a strategy that is disabled too: for an operator with a reason, and
   * only when nothing differs.
   */
  async resume(reason: string, actor: string): Promise<void> {
    await this.ladder.loosen('NORMAL', reason, actor);
    if ((this.risk.disabledStrategies ?? []).length === 0) return;
    const differences = await this.differences();
    if (differences.length > 0)
      throw fault('RISK-004', `What is disabled stays disabled: ${differences.join(' ')}`, {
        fix: 'Wait for the next reconciliation or settle the difference at the venue, then resume again.',
        problems: differences.map((message) => ({ code: 'RISK-004' as const, message })),
      });
    await this.risk.rearm?.(reason, actor);
  }

  isReduceOnlyMode(): boolean {
    return this.ladder.isReduceOnly;
  }

  /** Switching off loosens REDUCE_ONLY alone: a halt is lifted by its own command, never as a side effect. */
  setReduceOnlyMode(enabled: boolean, reason: string, actor = 'system'): Promise<void> {
    return this.risk.setReduceOnly(enabled, reason, actor);
  }

  /**
   * Resting orders cancelled, or left, or but for those of protection, as configured; then whatever is on its way has
   * come back.
   */
  private async settleOrders(): Promise<void> {
    const { execution, dryRun, world } = this.config.current;
    const mayCancel = this.ready;
    this.ready = false;
    const { onShutdown } = execution;
    if (mayCancel && onShutdown !== 'keep' && !dryRun) {
      const isToProtect = onShutdown === 'protect';
      const spares = isToProtect ? sparedAtStop(this.portfolio, this.strategies) : undefined;
      const report = await this.engine.cancelAll('shutdown', spares);
      if (report.unconfirmed.length > 0) {
        const orders = { orders: report.unconfirmed };
        // A recording ends while answers are on their way; there is nobody at whom an order could live on.
        if (world === 'backtest') this.logger.info('The recording ended before these orders were cancelled', orders);
        else this.logger.error('Orders may still be live', orders);
      }
      if (isToProtect) await this.leaveProtected();
    }
    await this.protection.leave?.();
    await this.pending.idle();
  }

  /** What came of orders on their way has its stop too, before nobody looks any more. */
  private async leaveProtected(): Promise<void> {
    await this.pending.idle();
    this.engine.handOverStops?.(this.clock.now());
    const naked = await this.protection.secure();
    if (naked.length > 0) this.logger.error('Positions are left without a stop at the venue', { symbols: naked });
  }

  /** Until the venue has confirmed the positions they count as unknown, and nothing is traded. */
  private async confirmPositions(): Promise<void> {
    try {
      this.portfolio.setKnown((await this.positionReconciler.reconcile()).matched);
    } catch (error) {
      this.logger.error('Positions could not be confirmed', { error: messageOf(error) });
    }
  }

  /**
   * What was cancelled while nobody looked is known before anything is decided: a stop may be among it. While that is
   * not known of all of them, stops are asked for again and again.
   */
  private async confirmOrders(): Promise<void> {
    if (this.openOrders.size === 0) return;
    let isConfirmed = false;
    try {
      const isToAsk = !this.config.current.execution.skipStartupReconcile;
      isConfirmed = isToAsk && (await this.orderReconciler.reconcile()).unexplained.length === 0;
    } catch (error) {
      this.logger.error('Open orders could not be confirmed', { error: messageOf(error) });
    }
    if (isConfirmed) this.lookedAt = this.clock.now();
    else this.protection.verify?.();
  }

  /** Only the start's own look, once. */
  private hasJustLooked(): boolean {
    const { lookedAt } = this;
    this.lookedAt = undefined;
    return lookedAt !== undefined && Math.abs(this.clock.now() - lookedAt) <= JUST_LOOKED_MS;
  }

  /** A venue of another world must never receive an order: compared before the first byte. */
  private assertWorld(): void {
    const { world } = this.config.current;
    const players = [this.session, this.orderEntry, this.access, this.settings, this.treasury];
    for (const { environment, venue } of venuesOfAnotherWorld(world, players)) {
      throw fault('DI-005', `The ${world} world must not trade on ${venue} (${environment}).`, {
        fix: 'Bind a Brokerage of this world.',
      });
    }
  }

  /** One that is missing is asked for again and holds nobody back; without any there is nothing to start for. */
  private assertSymbols(): void {
    const { symbols, risk } = this.config.current;
    const known = symbols.flatMap((symbol) => this.catalogue.find(symbol) ?? []);
    if (known.length === 0) for (const symbol of symbols) this.catalogue.instrument(symbol);
    for (const instrument of known) instrument.assertExactUpTo(risk.maxPositionSize);
  }

  private restoreState(): void {
    const { unresolved } = this.orders.load((symbol) => this.catalogue.find(symbol));
    if (unresolved.length > 0) this.logger.warn('Orders of unknown instruments kept aside', { orders: unresolved });
    for (const order of this.orders.open()) this.openOrders.put(order);
    this.found = this.openOrders.size;
    this.account.restore();
  }
}
