import { changedTerms, largerOf, protects } from '../../domain/order-state.js';
import { closesPosition, type Order, type OrderChange, type OrderRequest } from '../../domain/order.js';
import { permitsChange } from '../../domain/safety.js';
import { lots } from '../../domain/units.js';
import { namedInList } from '../../flow/list-names.js';
import type { EntryPermit } from '../../ports/core-services/entry-permit.js';
import type { MarkFreshness } from '../../ports/runtime-state/mark-freshness.js';
import type { ForeignOrders } from '../../ports/runtime-state/foreign-orders.js';
import type { OpenOrders } from '../../ports/runtime-state/open-orders.js';
import type { Portfolio } from '../../ports/runtime-state/portfolio.js';
import type {
  FundingOutlook,
  ImpactEstimator,
  ListCheck,
  OrderEffect,
  OrderIntent,
} from '../../ports/core-services/risk-manager.js';
import type { SafetyLadder } from '../../ports/storage/safety-ladder.js';
import type { QuotePrices } from '../../ports/runtime-state/quote-prices.js';
import type { WindowStore } from '../../ports/runtime-state/window-store.js';
import { Assessment, finding, type RiskCheck, type RiskFinding } from './assessment.js';
import { checkEquityAge, checkMark, checkPermit, checkPositionsKnown, checkUnknownOrders } from './checks/data.js';
import { checkNet, checkOrderNotional, checkPortfolio, checkPosition, checkSpotShort } from './checks/exposure.js';
import { checkFundingWindow } from './checks/funding-window.js';
import { checkDailyLoss, checkFreeMargin } from './checks/funds.js';
import { ImpactGuard } from './checks/impact-guard.js';
import { checkLeverage, checkLiquidationBuffer, checkProjection } from './checks/leverage.js';
import { checkReduceOnly, checkSafetyState } from './checks/permission.js';
import { checkCollar, checkSelfCross, limitAtCollar } from './checks/price.js';
import { checkSlippage } from './checks/slippage.js';
import { checkRequestedLeverage, checkSize, checkTerms, checkWhole } from './checks/terms.js';
import type { DailyLoss } from './guards/daily-loss.js';
import type { LiquidationWatch } from './guards/liquidation-watch.js';
import type { OrderHistory } from './order-history.js';
import { OrderRate } from './order-rate.js';
import type { RepeatedEntries } from './repeated-entries.js';
import type { RiskJournal } from './risk-journal.js';
import type { LimitBook } from './risk-limits.js';
import { SignalMemory } from './signal-memory.js';
import { asGiven, restOf, standIn, standInName } from './stand-in.js';

export interface PreTradeParts {
  readonly limits: LimitBook;
  readonly ladder: SafetyLadder;
  readonly portfolio: Portfolio;
  readonly orders: OpenOrders;
  readonly foreign: ForeignOrders;
  readonly history: OrderHistory;
  readonly freshness: MarkFreshness;
  readonly permit: EntryPermit;
  readonly windows: WindowStore;
  readonly prices: QuotePrices;
  readonly estimator: ImpactEstimator;
  readonly funding: FundingOutlook;
  readonly journal: RiskJournal;
  readonly dailyLoss: DailyLoss;
  readonly liquidation: LiquidationWatch;
  readonly entries: RepeatedEntries;
}

/** Checks that refuse for how much there would be: what they pass, they pass in a smaller size. */
const SIZE_LIMITS: ReadonlySet<RiskCheck> = new Set([
  ...[checkLeverage, checkLiquidationBuffer, checkOrderNotional, checkPosition, checkPortfolio, checkNet],
  ...[checkProjection, checkFreeMargin],
]);

/** The pre-trade checks, in their fixed order. The first that refuses decides. */
export class PreTrade {
  private readonly order: Assessment;
  private readonly effect: Assessment;
  private readonly rate: OrderRate;
  private readonly signals = new SignalMemory();
  /** Asked of every order. */
  private readonly always: readonly RiskCheck[];
  /** Asked of orders that do not strictly reduce. */
  private readonly adding: readonly RiskCheck[];
  /** The same of orders that are open already: nothing is counted again. */
  private readonly changing: readonly RiskCheck[];
  private readonly enlarging: readonly RiskCheck[];
  /** Of orders that are to end, and to be sent anew. */
  private readonly renewing: readonly RiskCheck[];
  /** The two of orders that become less: no limit of size is asked. */
  private readonly moving: readonly RiskCheck[];
  private readonly lessening: readonly RiskCheck[];

  constructor(private readonly parts: PreTradeParts) {
    const { ladder, portfolio, orders, foreign, freshness, permit, dailyLoss } = parts;
    const { liquidation, limits, windows, estimator, journal, entries, funding } = parts;
    this.order = new Assessment(limits, portfolio, orders, foreign, windows, parts.prices, parts.history);
    this.effect = new Assessment(limits, portfolio, orders, foreign, windows, undefined, parts.history);
    this.rate = new OrderRate(parts.history);
    const impact = new ImpactGuard(estimator, journal);
    const permission: readonly RiskCheck[] = [
      (order) => checkSafetyState(order, ladder),
      (order) => checkReduceOnly(order, liquidation.isReduceOnly(order.intent.instrument.symbol)),
    ];
    const data: readonly RiskCheck[] = [
      (order) => checkMark(order, freshness),
      (order) => checkPermit(order, permit),
      (order) => checkPositionsKnown(order, portfolio),
      checkTerms,
    ];
    const prices: readonly RiskCheck[] = [checkCollar, (order) => impact.check(order)];
    const price: readonly RiskCheck[] = [checkRequestedLeverage, ...prices];
    const counted: readonly RiskCheck[] = [(order) => this.signals.check(order), (order) => this.rate.check(order)];
    this.always = [...permission, ...counted, ...data, checkSize, ...price];
    this.changing = [...permission, ...data, ...price];
    this.renewing = [...permission, (order) => this.rate.check(order), ...data, checkSize, ...price];
    const unknown: RiskCheck = (order) => checkUnknownOrders(order, orders);
    this.enlarging = [
      unknown,
      (order) => checkEquityAge(order, portfolio, freshness),
      (order) => checkFundingWindow(order, funding),
      checkSpotShort,
      (order) => checkSelfCross(order, orders),
      checkLeverage,
      checkLiquidationBuffer,
      checkOrderNotional,
      checkPosition,
      checkPortfolio,
      checkNet,
      checkProjection,
      checkSlippage,
      (order) => checkDailyLoss(order, portfolio, dailyLoss),
      checkFreeMargin,
    ];
    this.moving = [...permission, ...data, ...prices];
    this.lessening = this.enlarging.filter((check) => !SIZE_LIMITS.has(check));
    this.adding = [unknown, (order) => entries.check(order), ...this.enlarging.slice(1)];
  }

  effectOf(intent: OrderIntent): OrderEffect {
    this.effect.weigh(intent);
    return this.effect;
  }

  /** Why this order is refused; undefined when it may be sent as `accepted` returns it. */
  refusal(intent: OrderIntent, now: number): RiskFinding | undefined {
    const { order } = this;
    order.load(intent, now);
    const found = firstOf(this.always, order) ?? (order.exempt ? undefined : this.refusalOfAddition());
    if (found !== undefined) this.parts.journal.refusal(order, found);
    return found;
  }

  /**
   * The order that was just found good, spent and remembered. What shrinks a position is sent as reduce-only, so that
   * the venue holds it to that whatever fills first; spot markets have no such orders and no need of them.
   */
  accepted(): OrderIntent {
    const accepted = this.spent();
    this.parts.entries.tell(this.order.limits.risk.maxUnattendedEntries);
    return accepted;
  }

  /**
   * All of a list, each with those before it among the open orders, or the first refusal, and then nothing has been
   * spent or remembered.
   */
  list(
    intents: readonly OrderIntent[],
    now: number,
    before: ListCheck | undefined,
  ): readonly OrderIntent[] | RiskFinding {
    const { orders, entries } = this.parts;
    const undo = [this.rate.mark(), this.signals.mark(), entries.mark()];
    const standIns: Order[] = [];
    const accepted: OrderIntent[] = [];
    try {
      for (const [index, given] of intents.entries()) {
        const intent = namedInList(intents, index, standInName);
        const found = before?.(intent) ?? this.refusal(intent, now);
        if (found !== undefined) {
          for (const back of undo) back();
          return found;
        }
        const good = this.spent();
        const order = standIn(good, standInName(index), now);
        standIns.push(order);
        orders.put(order);
        accepted.push(asGiven(good, given));
      }
    } finally {
      for (const order of standIns) orders.put({ ...order, status: 'cancelled' });
    }
    entries.tell(this.order.limits.risk.maxUnattendedEntries);
    return accepted;
  }

  /**
   * Why an open order may not be changed so; else the change, cut where it may only reduce. One that can add, and is
   * sent anew, is asked about as that order, however small: the one before would be gone when it is refused.
   */
  change(open: Order, wanted: OrderChange, now: number, isSentAnew: boolean): OrderChange | RiskFinding {
    const { orders, ladder, journal } = this.parts;
    const { request } = open;
    const larger = largerOf(request, wanted);
    ladder.heed();
    if (!permitsChange(ladder.state, request.reduceOnly, protects(request), larger !== undefined))
      return finding('kill_switch', `Safety state is ${ladder.state}: the order stays as it is.`);
    const isNew = isSentAnew && !request.reduceOnly;
    if (larger === undefined && !isNew) return wanted;
    const next = changedTerms(request, wanted);
    const isClosing = closesPosition(request);
    // The order ends with what has filled.
    if (!isClosing && next.lots <= open.filled) return wanted;
    const { order } = this;
    // It is asked in its own place, not beside itself.
    orders.put({ ...open, status: 'cancelled' });
    try {
      const isLess = !isNew && !isClosing && this.isLess(open, next, now);
      order.load(restOf(open, next), now);
      const found =
        (isLess ? undefined : checkWhole(order, next.lots)) ??
        firstOf(isNew ? this.renewing : isLess ? this.moving : this.changing, order) ??
        (order.exempt ? undefined : this.priced(isNew ? this.adding : isLess ? this.lessening : this.enlarging));
      if (found !== undefined) {
        journal.refusal(order, found);
        return found;
      }
      const most = lots(open.filled + order.size);
      return wanted.lots === undefined || wanted.lots <= most ? wanted : { ...wanted, lots: most };
    } finally {
      orders.put(open);
    }
  }

  /**
   * Fewer lots, worth no more at the worst of their own price and the mark: a limit of size that would refuse it is one
   * that the order as it stands exceeds, and refusing would keep the larger one.
   */
  private isLess(open: Order, next: OrderRequest, now: number): boolean {
    return next.lots < open.request.lots && this.worthOf(open, next, now) <= this.worthOf(open, open.request, now);
  }

  private worthOf(open: Order, terms: OrderRequest, now: number): number {
    const { order } = this;
    order.load(restOf(open, terms), now);
    if (order.mark === undefined) return NaN;
    order.price(order.mark);
    return order.notional;
  }

  private spent(): OrderIntent {
    const { order } = this;
    this.rate.spend(order);
    this.parts.entries.spend(order);
    this.signals.remember(order);
    const { intent } = order;
    const size = closesPosition(intent) ? intent.lots : order.size;
    const reduceOnly = intent.reduceOnly || (order.shrinks && !order.symbol.isSpot);
    const limit = limitAtCollar(order);
    if (size === intent.lots && reduceOnly === intent.reduceOnly && limit === intent.limit) return intent;
    return { ...intent, lots: size, reduceOnly, ...(limit === undefined ? {} : { limit }) };
  }

  private refusalOfAddition(): RiskFinding | undefined {
    return this.priced(this.adding);
  }

  private priced(checks: readonly RiskCheck[]): RiskFinding | undefined {
    const { order } = this;
    if (order.mark !== undefined) order.price(order.mark);
    return firstOf(checks, order);
  }
}

function firstOf(checks: readonly RiskCheck[], order: Assessment): RiskFinding | undefined {
  for (const check of checks) {
    const found = check(order);
    if (found !== undefined) return found;
  }
  return undefined;
}
