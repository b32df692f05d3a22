import 'reflect-metadata';
import { Decimal } from '#src/domain/decimal.js';
import type { Decision } from '#src/domain/decision.js';
import type { Instrument, InstrumentSpec } from '#src/domain/instrument.js';
import type { MarketSnapshot } from '#src/domain/market.js';
import { venueOrderId, type Fill, type Order, type Side } from '#src/domain/order.js';
import { approve } from '#src/domain/risk.js';
import { lots, marks, ticks, units, type MarkUnits } from '#src/domain/units.js';
import type { Brokerage } from '#src/ports/venue/brokerage.js';
import type { VenueOrder } from '#src/ports/venue/venue-order.js';
import type { EventStore } from '#src/ports/storage/event-store.js';
import type { GuardReport, Submission } from '#src/ports/core-services/execution.js';
import type { Clock } from '#src/ports/configuration/clock.js';
import type { VenueTime } from '#src/ports/configuration/venue-time.js';
import type { EntryPermit } from '#src/ports/core-services/entry-permit.js';
import type { OrderIntent } from '#src/ports/core-services/risk-manager.js';
import type { RequestBudget } from '#src/ports/core-services/request-budget.js';
import type { BotConfig } from '#src/ports/configuration/settings/bot-config.js';
import { LedgerPortfolio } from '#src/services/accounting/ledger-portfolio.js';
import { ForeignOrdersBook } from '#src/services/accounting/foreign-orders-book.js';
import { OpenOrdersBook } from '#src/services/accounting/open-orders-book.js';
import { AccountStreamService } from '#src/services/execution/account/account-stream-service.js';
import { AdvancedExecutionEngine } from '#src/services/execution/engine/advanced-execution-engine.js';
import { LiveExecutionEngine } from '#src/services/execution/engine/live-execution-engine.js';
import { OrderLogService } from '#src/services/execution/orders/order-log-service.js';
import { ExecutionCoordinatorService } from '#src/services/execution/coordinator/execution-coordinator-service.js';
import { SerialOrderGateway } from '#src/services/execution/gateway/serial-order-gateway.js';
import { VenueOrderReconciler } from '#src/services/execution/reconcile/venue-order-reconciler.js';
import { VenuePositionReconciler } from '#src/services/execution/reconcile/venue-position-reconciler.js';
import { Assessment } from '#src/services/risk/assessment.js';
import { QuotePriceMap } from '#src/services/market-data/quote-price-map.js';
import type { RiskManager } from '#src/ports/core-services/risk-manager.js';
import { LiveRiskManager } from '#src/services/risk/live-risk-manager.js';
import { LimitBook } from '#src/services/risk/risk-limits.js';
import { ExactVenueTime } from '#src/platform/time/exact-venue-time.js';
import { CountedPendingWork } from '#src/services/runtime/state/counted-pending-work.js';
import { JournaledOrdersStore } from '#src/storage/journaled-orders-store.js';
import { ManualClock } from '#src/testing/manual-clock.js';
import { FakeConfigController, testConfig } from '../../support/config.js';
import { FakeBroker } from '#src/testing/fake-broker.js';
import { instrument as makeInstrument } from '#src/testing/instruments.js';
import { RecordingLogger } from '#src/testing/recording-logger.js';
import { ManualScheduler } from '#src/testing/manual-scheduler.js';
import { settled } from '#src/testing/settled.js';
import { FakeEventStore } from '../../support/memory-event-store.js';
import { FakeCatalogue, FakeLadder, FakeRisk, FakeTrace, NoProtection } from './fakes.js';
import { HandEstimator, HandFreshness, HandFunding, NoWindows } from '../risk/harness.js';

export const SYMBOL = 'BTC-PERP';
export const T0 = Date.UTC(2024, 0, 2);

export interface RigOptions {
  readonly config?: Parameters<typeof testConfig>[0];
  readonly journal?: EventStore;
  readonly broker?: Brokerage;
  readonly clock?: ManualClock;
  readonly scheduler?: ManualScheduler;
  /** What the bot takes for the venue's time; the venue's own by default. */
  readonly ours?: Clock;
  readonly engine?: 'live' | 'advanced';
  /** The real risk manager in place of one that does as it is told. */
  readonly risk?: 'live';
  /** Exact by default. */
  readonly time?: VenueTime;
  /** Without a rate by default. */
  readonly budget?: RequestBudget;
  /** Lets everything pass by default. */
  readonly permit?: EntryPermit;
  readonly spec?: Partial<InstrumentSpec>;
}

/** One process of the bot, as far as orders go: the real execution room, portfolio, exposure and orders store. */
export class Rig {
  readonly instrument: Instrument;
  readonly clock: ManualClock;
  readonly scheduler: ManualScheduler;
  readonly logger = new RecordingLogger();
  readonly ladder = new FakeLadder();
  readonly risk = new FakeRisk();
  readonly trace = new FakeTrace();
  readonly pending = new CountedPendingWork();
  readonly stats = { attempted: 0, successful: 0, failed: 0, others: 0 };
  readonly catalogue: FakeCatalogue;
  readonly config: FakeConfigController;
  readonly portfolio: LedgerPortfolio;
  readonly openOrders: OpenOrdersBook;
  readonly foreign = new ForeignOrdersBook();
  readonly orders: JournaledOrdersStore;
  readonly log: OrderLogService;
  readonly stream: AccountStreamService;
  readonly gateway: SerialOrderGateway;
  readonly freshness = new HandFreshness();
  readonly estimator = new HandEstimator();
  readonly prices = new QuotePriceMap();
  readonly protection = new NoProtection();
  readonly engine: LiveExecutionEngine | AdvancedExecutionEngine;
  readonly judge: RiskManager;
  readonly coordinator: ExecutionCoordinatorService;
  runGuards: (now: number) => Promise<GuardReport> = () => Promise.resolve({ ran: [], tripped: [], failed: [] });
  readonly reconciler: VenueOrderReconciler;
  readonly positions: VenuePositionReconciler;
  readonly journal: EventStore;
  readonly brokerage: Brokerage;

  constructor(options: RigOptions = {}) {
    this.instrument = makeInstrument(options.spec);
    this.catalogue = new FakeCatalogue([this.instrument]);
    this.clock = options.clock ?? new ManualClock(T0);
    this.scheduler = options.scheduler ?? new ManualScheduler(this.clock);
    this.journal = options.journal ?? new FakeEventStore(() => this.clock.now());
    this.brokerage = options.broker ?? new FakeBroker({ scheduler: this.scheduler });
    this.config = new FakeConfigController(testConfig(options.config));
    const { config, brokerage, journal, ladder, pending, scheduler, logger, trace, catalogue, risk } = this;
    const clock = options.ours ?? this.clock;
    const permit = options.permit ?? { objection: () => undefined, worstPrice: () => undefined };
    const time = options.time ?? new ExactVenueTime();
    this.portfolio = new LedgerPortfolio(config, trace);
    this.openOrders = new OpenOrdersBook(this.portfolio);
    this.orders = new JournaledOrdersStore(journal);
    this.log = new OrderLogService(this.orders, this.openOrders, journal, trace, ladder, logger);
    this.stream = new AccountStreamService(
      config,
      brokerage,
      brokerage,
      catalogue,
      this.log,
      this.portfolio,
      this.foreign,
      journal,
      trace,
      ladder,
      pending,
      scheduler,
      clock,
      time,
      logger,
      options.budget,
    );
    this.gateway = new SerialOrderGateway(
      config,
      brokerage,
      brokerage,
      brokerage,
      this.log,
      this.stream,
      journal,
      ladder,
      permit,
      pending,
      scheduler,
      clock,
      time,
      logger,
      options.budget,
    );
    const windows = new NoWindows();
    const effects = new Assessment(
      new LimitBook(config, this.portfolio),
      this.portfolio,
      this.openOrders,
      this.foreign,
      windows,
    );
    risk.effectOf = (intent) => {
      effects.weigh(intent);
      return effects;
    };
    const judge = (this.judge =
      options.risk === 'live'
        ? new LiveRiskManager(
            config,
            ladder,
            this.portfolio,
            this.openOrders,
            this.foreign,
            this.freshness,
            permit,
            windows,
            new QuotePriceMap(),
            journal,
            this.orders,
            this.estimator,
            new HandFunding(),
            logger,
          )
        : risk);
    const { portfolio, gateway, log } = this;
    this.engine =
      options.engine === 'advanced'
        ? new AdvancedExecutionEngine(
            config,
            brokerage,
            brokerage,
            brokerage,
            brokerage,
            gateway,
            log,
            portfolio,
            judge,
            catalogue,
            journal,
            pending,
            ladder,
            scheduler,
            clock,
            time,
            this.prices,
            logger,
            options.budget,
          )
        : new LiveExecutionEngine(
            config,
            brokerage,
            brokerage,
            brokerage,
            catalogue,
            portfolio,
            judge,
            gateway,
            log,
            journal,
            pending,
            scheduler,
            clock,
            logger,
            options.budget,
          );
    this.reconciler = new VenueOrderReconciler(
      config,
      brokerage,
      brokerage,
      catalogue,
      this.log,
      this.stream,
      this.foreign,
      journal,
      ladder,
      scheduler,
      clock,
      logger,
    );
    this.coordinator = new ExecutionCoordinatorService(
      config,
      this.engine,
      judge,
      this.protection,
      portfolio,
      log,
      this.stats,
      { runAll: (now) => this.runGuards(now) },
      gateway,
      this.reconciler,
      scheduler,
      clock,
      logger,
      pending,
      options.budget,
      ladder,
      this.stream,
    );
    this.positions = new VenuePositionReconciler(
      config,
      brokerage,
      this.portfolio,
      this.stream,
      journal,
      logger,
      brokerage,
      ladder,
      scheduler,
      clock,
    );
    this.portfolio.mark(SYMBOL, this.markOf('50000'));
    this.freshness.touch(SYMBOL, this.clock.now());
  }

  get live(): LiveExecutionEngine {
    if (!(this.engine instanceof LiveExecutionEngine)) throw new Error('This rig has the other engine.');
    return this.engine;
  }

  get advanced(): AdvancedExecutionEngine {
    if (!(this.engine instanceof AdvancedExecutionEngine)) throw new Error('This rig has the other engine.');
    return this.engine;
  }

  get broker(): FakeBroker {
    if (!(this.brokerage instanceof FakeBroker)) throw new Error('This rig has another broker.');
    return this.brokerage;
  }

  get events(): FakeEventStore {
    if (!(this.journal instanceof FakeEventStore)) throw new Error('This rig has another journal.');
    return this.journal;
  }

  set execution(overrides: Partial<BotConfig['execution']>) {
    this.config.current = { ...this.config.current, execution: { ...this.config.current.execution, ...overrides } };
  }

  /** What the runtime coordinator does at start. */
  async start(): Promise<void> {
    this.orders.load((symbol) => this.catalogue.find(symbol));
    for (const order of this.orders.open()) this.openOrders.put(order);
    this.stream.restore();
    await this.stream.open(new AbortController().signal);
    await this.stream.backfill();
  }

  markOf(price: string): MarkUnits {
    return this.instrument.toMarks(new Decimal(price));
  }

  intent(overrides: Partial<OrderIntent> = {}): OrderIntent {
    const now = this.clock.now();
    return {
      instrument: this.instrument,
      side: 'buy',
      type: 'market',
      lots: lots(10),
      timeInForce: 'GTC',
      postOnly: false,
      reduceOnly: false,
      signalId: `test-${(this.signals += 1)}`,
      origin: { strategy: 'baseline', reason: 'test', decidedAt: now },
      ...overrides,
    };
  }
  private signals = 0;

  /** Submits past risk, straight to the gateway. */
  submit(overrides: Partial<OrderIntent> = {}): Order {
    return this.gateway.submit(approve(this.intent(overrides)), this.clock.now());
  }

  place(decision: Partial<Decision> & Pick<Decision, 'action'>, snapshot?: MarketSnapshot): Submission {
    return this.coordinator.executeDecision(
      this.instrument,
      { reason: 'test', ...decision },
      this.portfolio.lastMark(SYMBOL) ?? marks(0),
      this.portfolio.position(this.instrument),
      this.clock.now(),
      snapshot,
    );
  }

  fill(order: Order | string, size: number, tradeId: string, overrides: Partial<Fill> = {}): Fill {
    return {
      tradeId,
      clientId: typeof order === 'string' ? order : order.request.clientId,
      venueId: venueOrderId('v1'),
      instrument: this.instrument,
      side: typeof order === 'string' ? 'buy' : order.request.side,
      lots: lots(size),
      price: ticks(500_000),
      fee: units(-100),
      liquidity: 'taker',
      at: this.clock.now(),
      ...overrides,
    };
  }

  venueOrder(order: Order, status: VenueOrder['report']['status'], filled = 0): VenueOrder {
    const { request } = order;
    return {
      venueId: venueOrderId('v1'),
      clientId: request.clientId,
      symbol: request.symbol,
      side: request.side,
      type: request.type,
      size: request.size,
      filled: this.instrument.size(lots(filled)),
      reduceOnly: request.reduceOnly,
      report: { status, at: this.clock.now() },
    };
  }

  /** A position, as if it had been bought before. */
  hold(signedLots: number): void {
    const side: Side = signedLots > 0 ? 'buy' : 'sell';
    this.portfolio.applyFill(this.fill('someone', Math.abs(signedLots), `held-${signedLots}`, { side, fee: units(0) }));
  }

  status(order: Order): string | undefined {
    return this.log.find(order.request.clientId)?.status;
  }

  records(type: string): readonly Readonly<Record<string, unknown>>[] {
    return this.journal.query({ types: [type] }).map((event) => event.payload);
  }
}

export { settled };
