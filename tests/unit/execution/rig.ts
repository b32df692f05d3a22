import 'reflect-metadata';
import { Decimal } from '#src/domain/decimal.js';
import type { Decision } from '#src/domain/decision.js';
import type { Instrument, InstrumentSpec } from '#src/domain/instrument.js';
import type { Product } from '#src/domain/market.js';
import type { Fill, Order, Side } from '#src/domain/order.js';
import { approve, refuse, type Verdict } from '#src/domain/risk.js';
import { isTighter, permits, type SafetyState } from '#src/domain/safety.js';
import { lots, ticks, units, type MarkUnits } from '#src/domain/units.js';
import type { Brokerage } from '#src/ports/venue/brokerage.js';
import type { VenueOrder } from '#src/ports/venue/venue-order.js';
import type { EventStore } from '#src/ports/storage/event-store.js';
import type { ExecutionEngine } from '#src/ports/core-services/execution.js';
import type { ProductCatalogue } from '#src/ports/core-services/product-catalogue.js';
import type {
  BreakerOutcome,
  OrderIntent,
  RiskManager,
  SizingAdvice,
  SizingContext,
} from '#src/ports/core-services/risk-manager.js';
import type { SafetyLadder } from '#src/ports/storage/safety-ladder.js';
import type { BotConfig } from '#src/ports/configuration/settings/bot-config.js';
import type { Trace } from '#src/ports/runtime-state/trace.js';
import { LedgerPortfolio } from '#src/services/accounting/ledger-portfolio.js';
import { OpenOrdersBook } from '#src/services/accounting/open-orders-book.js';
import { AccountStreamService } from '#src/services/execution/account/account-stream-service.js';
import { AdvancedExecutionEngine } from '#src/services/execution/engine/advanced-execution-engine.js';
import { CheckedOrderPipeline } from '#src/services/execution/engine/checked-order-pipeline.js';
import { LiveExecutionEngine } from '#src/services/execution/engine/live-execution-engine.js';
import { OrderLogService } from '#src/services/execution/orders/order-log.js';
import { OrderPlacementService } from '#src/services/execution/coordinator/order-placement-service.js';
import { SerialOrderGateway } from '#src/services/execution/gateway/serial-order-gateway.js';
import { VenueOrderReconciler } from '#src/services/execution/reconcile/venue-order-reconciler.js';
import { VenuePositionReconciler } from '#src/services/execution/reconcile/venue-position-reconciler.js';
import { PendingWorkImpl } from '#src/services/runtime/state/pending-work.js';
import { JournaledOrdersStore } from '#src/storage/orders-store.js';
import { ManualClock } from '../../support/clock.js';
import { FakeConfigController, testConfig } from '../../support/config.js';
import { FakeBroker } from '../../support/fake-broker.js';
import { instrument as makeInstrument } from '../../support/instruments.js';
import { RecordingLogger } from '../../support/logger.js';
import { ManualScheduler, settled } from '../../support/manual-scheduler.js';
import { FakeEventStore } from '../../support/memory-event-store.js';

export const SYMBOL = 'BTC-PERP';
export const T0 = Date.UTC(2024, 0, 2);

/** Approves everything unless told otherwise. */
export class FakeRisk implements RiskManager {
  readonly lastMarkUpdate = {
    touch: (): void => undefined,
    lastUpdate: (): number | undefined => undefined,
    age: (): number | undefined => undefined,
    isStale: (): boolean => false,
    forget: (): void => undefined,
  };
  readonly asked: OrderIntent[] = [];
  refusal: { check: string; reason: string } | undefined;
  reduceOnly = false;
  stale = false;
  killSwitch = false;
  advice: SizingAdvice | undefined;

  approve(intent: OrderIntent): Verdict<OrderIntent> {
    this.asked.push(intent);
    return this.refusal === undefined ? approve(intent) : refuse(intent, this.refusal.check, this.refusal.reason);
  }
  isReduceOnly(): boolean {
    return this.reduceOnly;
  }
  setReduceOnly(): Promise<void> {
    return Promise.resolve();
  }
  isStale(): boolean {
    return this.stale;
  }
  checkMarkStaleness(): boolean {
    return this.stale;
  }
  checkVolatility(): BreakerOutcome {
    return { action: 'none', volatility: undefined };
  }
  checkDailyLoss(): boolean {
    return false;
  }
  checkDrawdown(): boolean {
    return false;
  }
  checkLiquidationBuffer(): boolean {
    return false;
  }
  checkConcentration(): boolean {
    return false;
  }
  recordSnapshot(): void {
    // Nothing to record.
  }
  isSymbolReduceOnly(): boolean {
    return false;
  }
  sizePosition(context: SizingContext): SizingAdvice {
    return (
      this.advice ?? {
        notional: units(0),
        lots: lots(0),
        reduceOnly: false,
        dynamic: false,
        reason: `no estimator for ${context.side}`,
      }
    );
  }
}

export class FakeLadder implements SafetyLadder {
  state: SafetyState = 'NORMAL';
  reason: string | undefined;
  since: number | undefined;
  readonly tightened: string[] = [];

  tighten(to: SafetyState, reason: string): Promise<void> {
    if (!isTighter(to, this.state)) return Promise.resolve();
    this.state = to;
    this.reason = reason;
    this.tightened.push(`${to} ${reason}`);
    return Promise.resolve();
  }
  loosen(to: SafetyState): Promise<void> {
    this.state = to;
    return Promise.resolve();
  }
  permits(reducing: boolean): boolean {
    return permits(this.state, reducing);
  }
  get isReduceOnly(): boolean {
    return this.state !== 'NORMAL';
  }
  onChange(): () => void {
    return () => undefined;
  }
  restore(): void {
    // Nothing stored.
  }
}

export class FakeTrace implements Trace {
  readonly lines: string[] = [];
  header(): void {
    // Not compared here.
  }
  decision(): void {
    // Not compared here.
  }
  order(order: Order): void {
    this.lines.push(`order ${order.status}`);
  }
  fill(fill: Fill): void {
    this.lines.push(`fill ${fill.tradeId}`);
  }
  funding(): void {
    this.lines.push('funding');
  }
  posting(): void {
    // Postings are the portfolio's.
  }
  digest(): string {
    return this.lines.join('\n');
  }
  get records(): number {
    return this.lines.length;
  }
}

export class FakeCatalogue implements ProductCatalogue {
  confirmed = true;
  refreshed = 0;
  constructor(readonly known: readonly Instrument[]) {}

  refresh(): Promise<void> {
    this.refreshed += 1;
    return Promise.resolve();
  }
  getProduct(symbol: string): Product {
    const { spec } = this.instrument(symbol);
    return {
      symbol,
      base: spec.base,
      quote: spec.quote,
      market: spec.kind,
      minSize: spec.minSize,
      stepSize: spec.step,
      minNotional: spec.minNotional,
      priceIncrement: spec.tick,
      confirmed: this.confirmed,
    };
  }
  instrument(symbol: string): Instrument {
    const found = this.find(symbol);
    if (found === undefined) throw new Error(`no instrument ${symbol}`);
    return found;
  }
  find(symbol: string): Instrument | undefined {
    return this.known.find((candidate) => candidate.symbol === symbol);
  }
  instruments(): IterableIterator<Instrument> {
    return this.known.values();
  }
}

export interface RigOptions {
  readonly config?: Parameters<typeof testConfig>[0];
  readonly journal?: EventStore;
  readonly broker?: Brokerage;
  readonly clock?: ManualClock;
  readonly engine?: 'live' | 'advanced';
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
  readonly pending = new PendingWorkImpl();
  readonly stats = { attempted: 0, successful: 0, failed: 0 };
  readonly catalogue: FakeCatalogue;
  readonly config: FakeConfigController;
  readonly portfolio: LedgerPortfolio;
  readonly openOrders: OpenOrdersBook;
  readonly orders: JournaledOrdersStore;
  readonly log: OrderLogService;
  readonly stream: AccountStreamService;
  readonly gateway: SerialOrderGateway;
  readonly pipeline: CheckedOrderPipeline;
  readonly live: LiveExecutionEngine;
  readonly advanced: AdvancedExecutionEngine;
  readonly placement: OrderPlacementService;
  readonly reconciler: VenueOrderReconciler;
  readonly positions: VenuePositionReconciler;
  readonly journal: EventStore;
  readonly brokerage: Brokerage;

  constructor(options: RigOptions = {}) {
    this.instrument = makeInstrument(options.spec);
    this.catalogue = new FakeCatalogue([this.instrument]);
    this.clock = options.clock ?? new ManualClock(T0);
    this.scheduler = new ManualScheduler(this.clock);
    this.journal = options.journal ?? new FakeEventStore(() => this.clock.now());
    this.brokerage = options.broker ?? new FakeBroker();
    this.config = new FakeConfigController(testConfig(options.config));
    const { config, brokerage, journal, ladder, pending, scheduler, clock, logger, trace, catalogue, risk } = this;
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
      journal,
      trace,
      ladder,
      pending,
      scheduler,
      clock,
      logger,
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
      pending,
      scheduler,
      clock,
      logger,
    );
    this.pipeline = new CheckedOrderPipeline(
      config,
      brokerage,
      brokerage,
      brokerage,
      catalogue,
      this.portfolio,
      risk,
      this.gateway,
      this.log,
      journal,
      pending,
      scheduler,
      logger,
    );
    this.live = new LiveExecutionEngine(this.pipeline);
    this.advanced = new AdvancedExecutionEngine(
      config,
      this.pipeline,
      brokerage,
      brokerage,
      this.gateway,
      this.log,
      this.stream,
      this.portfolio,
      risk,
      catalogue,
      journal,
      scheduler,
      logger,
    );
    const engine: ExecutionEngine = options.engine === 'advanced' ? this.advanced : this.live;
    this.placement = new OrderPlacementService(config, engine, risk, this.openOrders, this.log, this.stats, logger);
    this.reconciler = new VenueOrderReconciler(
      config,
      brokerage,
      catalogue,
      this.log,
      this.stream,
      journal,
      ladder,
      clock,
      logger,
    );
    this.positions = new VenuePositionReconciler(config, brokerage, this.portfolio, this.stream, journal, logger);
    this.portfolio.mark(SYMBOL, this.markOf('50000'));
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

  place(decision: Partial<Decision> & Pick<Decision, 'action'>): ReturnType<OrderPlacementService['place']> {
    return this.placement.place(
      this.instrument,
      { reason: 'test', ...decision },
      this.markOf('50000'),
      this.portfolio.position(this.instrument),
      this.clock.now(),
    );
  }

  fill(order: Order | string, size: number, tradeId: string, overrides: Partial<Fill> = {}): Fill {
    return {
      tradeId,
      clientId: typeof order === 'string' ? order : order.request.clientId,
      venueId: 'v1',
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
      venueId: 'v1',
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
