import { injectable } from 'inversify';
import { fault } from '../../domain/errors.js';
import type { Instrument } from '../../domain/instrument.js';
import type { Order, OrderChange } from '../../domain/order.js';
import { approve, refuse, type Verdict } from '../../domain/risk.js';
import { isTighter } from '../../domain/safety.js';
import type { MarkUnits } from '../../domain/units.js';
import { inject } from '../../injection/inject.js';
import { EntryPermit } from '../../ports/core-services/entry-permit.js';
import { EventStore } from '../../ports/storage/event-store.js';
import { Logger } from '../../ports/configuration/logger.js';
import { MarkFreshness } from '../../ports/runtime-state/mark-freshness.js';
import { ForeignOrders } from '../../ports/runtime-state/foreign-orders.js';
import { OpenOrders } from '../../ports/runtime-state/open-orders.js';
import { OrdersStore } from '../../ports/storage/orders-store.js';
import { Portfolio } from '../../ports/runtime-state/portfolio.js';
import {
  FundingOutlook,
  ImpactEstimator,
  RiskManager,
  type BreakerOutcome,
  type ListCheck,
  type ListVerdict,
  type OrderEffect,
  type OrderIntent,
  type RiskWatch,
  type SizingAdvice,
  type SizingContext,
} from '../../ports/core-services/risk-manager.js';
import { SafetyLadder } from '../../ports/storage/safety-ladder.js';
import type { Series } from '../../ports/runtime-state/series.js';
import { ConfigController } from '../../ports/configuration/settings/config-controller.js';
import { QuotePrices } from '../../ports/runtime-state/quote-prices.js';
import { WindowStore } from '../../ports/runtime-state/window-store.js';
import { DailyLoss } from './guards/daily-loss.js';
import { DrawdownGuard } from './guards/drawdown-guard.js';
import { EquityBaselines } from './guards/equity-baselines.js';
import { Kelly } from './kelly.js';
import { LiquidationWatch } from './guards/liquidation-watch.js';
import { Concentration, riskSnapshot } from './portfolio-report.js';
import { PositionSizing } from './position-sizing.js';
import { PreTrade } from './pre-trade.js';
import { RepeatedEntries } from './repeated-entries.js';
import { RiskJournal } from './risk-journal.js';
import { LimitBook } from './risk-limits.js';
import { StalenessWatch } from './guards/staleness-watch.js';
import { SymbolWatch } from './guards/symbol-watch.js';
import { VolatilityBreaker } from './guards/volatility-breaker.js';

/** Every limit in one place: a composition of the pre-trade checks and the runtime checks, which hold the state. */
@injectable()
export class LiveRiskManager implements RiskManager {
  private readonly limits: LimitBook;
  private readonly journal: RiskJournal;
  private readonly preTrade: PreTrade;
  private readonly staleness: StalenessWatch;
  private readonly volatility: VolatilityBreaker;
  private readonly dailyLoss: DailyLoss;
  private readonly drawdown: DrawdownGuard;
  private readonly baselines: EquityBaselines;
  private readonly liquidation: LiquidationWatch;
  private readonly concentration: Concentration;
  private readonly sizing: PositionSizing;
  private readonly entries: RepeatedEntries;

  constructor(
    @inject(ConfigController) private readonly config: ConfigController,
    @inject(SafetyLadder) private readonly ladder: SafetyLadder,
    @inject(Portfolio) private readonly portfolio: Portfolio,
    @inject(OpenOrders) orders: OpenOrders,
    @inject(ForeignOrders) foreign: ForeignOrders,
    @inject(MarkFreshness) readonly lastMarkUpdate: MarkFreshness,
    @inject(EntryPermit) permit: EntryPermit,
    @inject(WindowStore) windows: WindowStore,
    @inject(QuotePrices) prices: QuotePrices,
    @inject(EventStore) events: EventStore,
    @inject(OrdersStore) history: OrdersStore,
    @inject(ImpactEstimator) estimator: ImpactEstimator,
    @inject(FundingOutlook) funding: FundingOutlook,
    @inject(Logger) logger: Logger,
  ) {
    const limits = new LimitBook(config, portfolio);
    const journal = new RiskJournal(events);
    this.limits = limits;
    this.journal = journal;
    this.dailyLoss = new DailyLoss(limits, portfolio, events, journal);
    this.baselines = new EquityBaselines(portfolio, events, journal);
    this.drawdown = new DrawdownGuard(limits, portfolio, ladder, events, journal, this.baselines, logger);
    this.liquidation = new LiquidationWatch(limits, portfolio, events, journal);
    this.staleness = new StalenessWatch(config, lastMarkUpdate, journal, logger);
    this.volatility = new VolatilityBreaker(config, ladder, events, journal, logger);
    this.concentration = new Concentration(limits, portfolio, journal);
    this.sizing = new PositionSizing(config, estimator, new Kelly(portfolio), journal);
    this.entries = new RepeatedEntries({ ladder, events, history, journal });
    this.preTrade = new PreTrade({
      limits,
      ladder,
      portfolio,
      orders,
      foreign,
      history,
      freshness: lastMarkUpdate,
      permit,
      windows,
      prices,
      estimator,
      funding,
      journal,
      dailyLoss: this.dailyLoss,
      liquidation: this.liquidation,
      entries: this.entries,
    });
  }

  approve(intent: OrderIntent, now: number): Verdict<OrderIntent> {
    const found = this.preTrade.refusal(intent, now);
    return found === undefined ? approve(this.preTrade.accepted()) : refuse(intent, found.check, found.reason);
  }

  approveList(intents: readonly OrderIntent[], now: number, before?: ListCheck): ListVerdict {
    const found = this.preTrade.list(intents, now, before);
    return 'check' in found
      ? { approved: false, check: found.check, reason: found.reason }
      : { approved: true, orders: found.map((intent) => approve(intent)) };
  }

  approveChange(order: Order, change: OrderChange, now: number, isSentAnew = false): Verdict<OrderChange> {
    const found = this.preTrade.change(order, change, now, isSentAnew);
    return 'check' in found ? refuse(change, found.check, found.reason) : approve(found);
  }

  effectOf(intent: OrderIntent): OrderEffect {
    return this.preTrade.effectOf(intent);
  }

  mayOnlyReduce(symbol: string): boolean {
    return this.isReduceOnly() || this.isSymbolReduceOnly(symbol) || !this.config.current.symbols.includes(symbol);
  }

  isReduceOnly(): boolean {
    return this.ladder.isReduceOnly;
  }

  /** Switching off loosens REDUCE_ONLY alone: a halt is lifted by its own command, never as a side effect. */
  async setReduceOnly(enabled: boolean, reason: string, actor = 'system'): Promise<void> {
    if (enabled) return this.ladder.tighten('REDUCE_ONLY', reason, actor);
    const { state } = this.ladder;
    if (state === 'NORMAL') return;
    if (state !== 'REDUCE_ONLY') {
      throw fault('RISK-003', `Reduce-only must not be switched off while the safety state is ${state}.`, {
        fix: 'Loosen the safety state itself, with an operator and a reason.',
      });
    }
    await this.ladder.loosen('NORMAL', reason, actor);
  }

  rearm(reason: string, actor: string, strategy?: string): Promise<void> {
    return this.entries.rearm(reason, actor, strategy);
  }

  get disabledStrategies(): readonly string[] {
    return this.entries.disabled(this.config.current.risk.maxUnattendedEntries);
  }

  get killSwitch(): boolean {
    return isTighter(this.ladder.state, 'REDUCE_ONLY');
  }

  isStale(symbol: string, now: number): boolean {
    return this.staleness.isStale(symbol, now);
  }

  checkMarkStaleness(symbol: string, now: number): boolean {
    return this.staleness.check(symbol, now);
  }

  watch(series: Series): RiskWatch {
    const { ladder, volatility, staleness, baselines, dailyLoss, drawdown, liquidation } = this;
    return new SymbolWatch(series, { ladder, volatility, staleness, baselines, dailyLoss, drawdown, liquidation });
  }

  checkVolatility(series: Series, now: number): BreakerOutcome {
    return this.volatility.check(series, now);
  }

  checkDailyLoss(now: number): boolean {
    this.baselines.keep(now);
    return this.dailyLoss.check(now);
  }

  checkDrawdown(now: number): boolean {
    this.baselines.keep(now);
    return this.drawdown.check();
  }

  checkLiquidationBuffer(
    instrument: Instrument,
    mark: MarkUnits,
    liquidationPrice: MarkUnits | undefined,
    now: number,
  ): boolean {
    return this.liquidation.check(instrument, mark, liquidationPrice, now);
  }

  checkConcentration(): boolean {
    return this.concentration.check();
  }

  recordSnapshot(now: number): void {
    this.journal.record(
      'risk_snapshot',
      riskSnapshot(this.portfolio, this.limits, this.isReduceOnly(), this.killSwitch, now),
    );
  }

  isSymbolReduceOnly(symbol: string): boolean {
    return this.liquidation.isReduceOnly(symbol);
  }

  sizePosition(context: SizingContext): SizingAdvice {
    return this.sizing.advise(context, this.isReduceOnly() || this.isSymbolReduceOnly(context.instrument.symbol));
  }
}
