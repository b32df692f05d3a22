import 'reflect-metadata';
import { Decimal } from '#src/domain/decimal.js';
import { FINEST_UNIT, type Instrument } from '#src/domain/instrument.js';
import { Ledger } from '#src/domain/ledger.js';
import type { FundingRate } from '#src/domain/market.js';
import { isTerminal, type OrderStatus } from '#src/domain/order-state.js';
import { OrderRequest, type Fill, type Order, type Side } from '#src/domain/order.js';
import { Position } from '#src/domain/position.js';
import { lots, units, type Lots, type MarkUnits, type Units } from '#src/domain/units.js';
import type { VenueTime } from '#src/ports/configuration/venue-time.js';
import type { MarkFreshness } from '#src/ports/runtime-state/mark-freshness.js';
import type { OpenOrders } from '#src/ports/runtime-state/open-orders.js';
import type { Portfolio } from '#src/ports/runtime-state/portfolio.js';
import type {
  FundingOutlook,
  ImpactEstimate,
  ImpactEstimator,
  OrderIntent,
} from '#src/ports/core-services/risk-manager.js';
import type { BotConfig } from '#src/ports/configuration/settings/bot-config.js';
import type { RiskSettings } from '#src/ports/configuration/settings/risk-settings.js';
import type { MarkWindow, WindowStore } from '#src/ports/runtime-state/window-store.js';
import { DurableSafetyLadder } from '#src/services/risk/durable-safety-ladder.js';
import { QuotePriceMap } from '#src/services/market-data/quote-price-map.js';
import { ForeignOrdersBook } from '#src/services/accounting/foreign-orders-book.js';
import { LiveRiskManager } from '#src/services/risk/live-risk-manager.js';
import { JournaledOrdersStore } from '#src/storage/journaled-orders-store.js';
import { MarketEntryPermit } from '#src/services/risk/market-entry-permit.js';
import { NoOperatorRequests } from '#src/storage/memory/no-operator-requests.js';
import { ManualClock } from '#src/testing/manual-clock.js';
import { FakeConfigController, testConfig } from '../../support/config.js';
import { instrument as makeInstrument } from '#src/testing/instruments.js';
import { RecordingLogger } from '#src/testing/recording-logger.js';
import { FakeEventStore } from '../../support/memory-event-store.js';

export const d = (text: string | number): Decimal => new Decimal(text);
export const BTC = makeInstrument();
export const ETH = makeInstrument({ symbol: 'ETH-PERP', base: 'ETH' });

/** Books that a test writes by hand: equity is what it says, positions hold what it sets. */
class HandPortfolio implements Portfolio {
  readonly unit = FINEST_UNIT;
  readonly ledger = new Ledger();
  known = true;
  equity: Units = BTC.toUnits(d(10_000), 'floor');
  equityPeak: Units = this.equity;
  dayStartEquity: Units | undefined = this.equity;
  readonly unrealised = units(0);
  readonly grossNotional = units(0);
  private readonly held = new Map<string, Position>();
  private readonly marks = new Map<string, MarkUnits>();
  private readonly listeners = new Set<(fill: Fill, position: Position) => void>();

  setKnown(known: boolean): void {
    this.known = known;
  }
  deposit(): void {}
  applyFill(fill: Fill): boolean {
    const position = this.position(fill.instrument);
    position.apply(fill.side, fill.lots, fill.price, fill.at);
    for (const listener of this.listeners) listener(fill, position);
    return true;
  }
  applyFunding(): boolean {
    return false;
  }
  mark(symbol: string, mark: MarkUnits): void {
    this.marks.set(symbol, mark);
  }
  position(instrument: Instrument): Position {
    let position = this.held.get(instrument.symbol);
    if (position === undefined) this.held.set(instrument.symbol, (position = new Position(instrument)));
    return position;
  }
  positions(): IterableIterator<Position> {
    return this.held.values();
  }
  lastMark(symbol: string): MarkUnits | undefined {
    return this.marks.get(symbol);
  }
  observe(): void {}
  resumeBaselines(): void {}
  restartPeak(): void {
    this.equityPeak = this.equity;
  }
  onFill(listener: (fill: Fill, position: Position) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
  onPosting(): () => void {
    return () => undefined;
  }
  assertConsistent(): void {}
}

export class HandOrders implements OpenOrders {
  readonly orders = new Map<string, Order>();
  get size(): number {
    return this.orders.size;
  }
  put(order: Order): void {
    if (isTerminal(order.status)) this.orders.delete(order.request.clientId);
    else this.orders.set(order.request.clientId, order);
  }
  grouped(): Lots {
    return lots(0);
  }
  find(clientId: string): Order | undefined {
    return this.orders.get(clientId);
  }
  all(): IterableIterator<Order> {
    return this.orders.values();
  }
  of(symbol: string): readonly Order[] {
    return [...this.orders.values()].filter(({ request }) => request.symbol === symbol);
  }
  buying(symbol: string): Lots {
    return this.sum(symbol, (order) => !order.request.reduceOnly && order.request.side === 'buy');
  }
  selling(symbol: string): Lots {
    return this.sum(symbol, (order) => !order.request.reduceOnly && order.request.side === 'sell');
  }
  reducing(symbol: string): Lots {
    return this.sum(symbol, (order) => order.request.reduceOnly);
  }
  unknown(symbol: string): number {
    return this.of(symbol).filter(({ status }) => status === 'unknown').length;
  }
  reservedNotional(): Units {
    return units(0);
  }
  private sum(symbol: string, wanted: (order: Order) => boolean): Lots {
    return lots(
      this.of(symbol)
        .filter(wanted)
        .reduce((total, order) => total + order.request.lots - order.filled, 0),
    );
  }
}

export class HandFreshness implements MarkFreshness {
  readonly times = new Map<string, number>();
  touch(symbol: string, at: number): void {
    this.times.set(symbol, at);
  }
  lastUpdate(symbol: string): number | undefined {
    return this.times.get(symbol);
  }
  age(symbol: string, now: number): number | undefined {
    const at = this.times.get(symbol);
    return at === undefined ? undefined : now - at;
  }
  isStale(symbol: string, now: number, limitMs: number): boolean {
    const age = this.age(symbol, now);
    return age === undefined || age > limitMs;
  }
  forget(symbol: string): void {
    this.times.delete(symbol);
  }
}

/** No windows: marks are the portfolio's. */
export class NoWindows implements WindowStore {
  find(): MarkWindow | undefined {
    return undefined;
  }
  ensure(): MarkWindow {
    throw new Error('not used');
  }
  append(): void {}
  appendAll(): void {}
  drop(): void {}
  read(): Decimal[] {
    return [];
  }
  symbols(): readonly string[] {
    return [];
  }
}

export class HandEstimator implements ImpactEstimator {
  answer: ImpactEstimate | undefined | Error = undefined;
  estimate(): ImpactEstimate | undefined {
    if (this.answer instanceof Error) throw this.answer;
    return this.answer;
  }
}

/** What a test says of the next funding. */
export class HandFunding implements FundingOutlook {
  answer: FundingRate | undefined = undefined;
  find(): FundingRate | undefined {
    return this.answer;
  }
}

/** A venue that holds what we believe. */
export const agreed = (): Promise<readonly string[]> => Promise.resolve([]);

export const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
};

/** Limits so wide that only the one a test sets can refuse. */
export const WIDE: Partial<RiskSettings> = {
  maxLeverage: d(100),
  minLiquidationBuffer: d('0'),
  maxExposurePct: d(1_000),
  maxPositionPctPerSymbol: d(1_000),
  maxPositionSize: d(50_000_000),
  priceCollarBps: d(5_000),
  slippageGuardBps: d('0'),
  ordersPerMinute: 1_000_000,
  preTradeLiquidationProjection: false,
};

/** A risk manager on hand-written state: 10,000 of equity and BTC at 50,000, fresh at `clock.now()`. */
export class Desk {
  readonly clock = new ManualClock();
  readonly events = new FakeEventStore(() => this.clock.now());
  readonly logger = new RecordingLogger();
  readonly portfolio = new HandPortfolio();
  readonly orders = new HandOrders();
  readonly foreign = new ForeignOrdersBook();
  readonly freshness = new HandFreshness();
  readonly prices = new QuotePriceMap();
  /** Exact, until a test says otherwise. */
  readonly time: { -readonly [K in keyof VenueTime]: VenueTime[K] } = {
    boundMs: 0,
    measuredMs: 0,
    offsetMs: 0,
    doubt: undefined,
    stepped: false,
  };
  readonly estimator = new HandEstimator();
  readonly funding = new HandFunding();
  readonly config: FakeConfigController;
  ladder: DurableSafetyLadder;
  risk: LiveRiskManager;
  private history = new JournaledOrdersStore(this.events);
  private signals = 0;

  constructor(risk: Partial<RiskSettings> = {}, overrides: Parameters<typeof testConfig>[0] = {}) {
    this.config = new FakeConfigController(testConfig({ ...overrides, risk }));
    this.ladder = new DurableSafetyLadder(this.config, this.events, this.clock, this.logger, new NoOperatorRequests());
    this.ladder.reconcileBy(agreed);
    this.risk = this.makeRisk();
    this.quote(BTC, 50_000);
  }

  /** The next process: the journal, the books, the clock and the venue go on, whatever was in memory is gone. */
  restart(): void {
    this.ladder = new DurableSafetyLadder(this.config, this.events, this.clock, this.logger, new NoOperatorRequests());
    this.ladder.reconcileBy(agreed);
    this.ladder.restore();
    this.history = new JournaledOrdersStore(this.events);
    const held = [...this.portfolio.positions()].map(({ instrument }) => instrument);
    this.history.load((symbol) => [...held, BTC, ETH].find((known) => known.symbol === symbol));
    this.risk = this.makeRisk();
  }

  get now(): number {
    return this.clock.now();
  }

  quote(instrument: Instrument, price: number | string): void {
    this.portfolio.mark(instrument.symbol, instrument.toMarks(d(price)));
    this.freshness.touch(instrument.symbol, this.now);
  }

  /** Signed size in base units. */
  hold(instrument: Instrument, size: number | string): void {
    const position = this.portfolio.position(instrument);
    position.lots = instrument.toLots(d(size), 'trunc');
    const mark = this.portfolio.lastMark(instrument.symbol);
    if (mark !== undefined) position.cost = instrument.notionalAtMark(mark, position.lots);
  }

  setEquity(amount: number | string): void {
    this.portfolio.equity = BTC.toUnits(d(amount), 'floor');
  }

  /** Puts an order among the open ones. */
  rest(
    side: Side,
    size: number | string,
    options: {
      readonly instrument?: Instrument;
      readonly limit?: number;
      readonly reduceOnly?: boolean;
      readonly status?: OrderStatus;
    } = {},
  ): Order {
    const { instrument = BTC, limit, reduceOnly = false, status = 'open' } = options;
    const request = new OrderRequest({
      clientId: `rest-${this.orders.size}`,
      instrument,
      side,
      type: limit === undefined ? 'market' : 'limit',
      lots: instrument.toLots(d(size)),
      ...(limit === undefined ? {} : { limit: instrument.toTicks(d(limit), 'nearest') }),
      timeInForce: 'GTC',
      postOnly: false,
      reduceOnly,
    });
    const order: Order = {
      request,
      status,
      venueIds: [],
      filled: lots(0),
      filledNotional: units(0),
      createdAt: 0,
      updatedAt: 0,
    };
    this.orders.put(order);
    return order;
  }

  intent(side: Side, size: number | string, extra: Partial<OrderIntent> = {}): OrderIntent {
    const instrument = extra.instrument ?? BTC;
    this.signals += 1;
    return {
      instrument,
      side,
      type: 'market',
      lots: instrument.toLots(d(size)),
      timeInForce: 'GTC',
      postOnly: false,
      reduceOnly: false,
      signalId: `signal-${this.signals}`,
      origin: { strategy: 'test', reason: 'test', decidedAt: this.now },
      ...extra,
    };
  }

  limit(side: Side, size: number | string, price: number | string, extra: Partial<OrderIntent> = {}): OrderIntent {
    const instrument = extra.instrument ?? BTC;
    return this.intent(side, size, { type: 'limit', limit: instrument.toTicks(d(price), 'nearest'), ...extra });
  }

  /** Asks for approval as `verdict` does; what is approved is an order of the journal from then on. */
  send(intent: OrderIntent): string {
    const verdict = this.risk.approve(intent, this.now);
    if (!verdict.approved) return verdict.check;
    this.signals += 1;
    this.history.upsert({
      request: new OrderRequest(verdict.value, `sent-${this.now}-${this.signals}`, this.now + 1_000),
      status: 'planned',
      venueIds: [],
      filled: lots(0),
      filledNotional: units(0),
      createdAt: this.now,
      updatedAt: this.now,
      origin: verdict.value.origin,
    });
    return 'approved';
  }

  /** The name of the check that refuses, or `approved`. */
  verdict(intent: OrderIntent, now = this.now): string {
    const verdict = this.risk.approve(intent, now);
    return verdict.approved ? 'approved' : verdict.check;
  }

  reason(intent: OrderIntent): string {
    const verdict = this.risk.approve(intent, this.now);
    return verdict.approved ? '' : verdict.reason;
  }

  change(risk: Partial<RiskSettings>): void {
    const updated: BotConfig = { ...this.config.current, risk: { ...this.config.current.risk, ...risk } };
    this.config.apply({ updated, diff: {} });
  }

  private makeRisk(): LiveRiskManager {
    const windows = new NoWindows();
    return new LiveRiskManager(
      this.config,
      this.ladder,
      this.portfolio,
      this.orders,
      this.foreign,
      this.freshness,
      new MarketEntryPermit(this.config, this.freshness, this.time, windows, this.prices),
      windows,
      this.prices,
      this.events,
      this.history,
      this.estimator,
      this.funding,
      this.logger,
    );
  }
}
