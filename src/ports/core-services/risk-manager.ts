import type { Decimal } from '../../domain/decimal.js';
import type { Instrument } from '../../domain/instrument.js';
import type { FundingRate, MarketSnapshot } from '../../domain/market.js';
import type { Order, OrderChange, OrderOrigin, OrderTerms, Side } from '../../domain/order.js';
import type { Approved, Verdict } from '../../domain/risk.js';
import type { Lots, MarkUnits, Ticks, Units } from '../../domain/units.js';
import { token } from '../../injection/token.js';
import type { MarkFreshness } from '../runtime-state/mark-freshness.js';
import type { Series } from '../runtime-state/series.js';

/** An order before risk: terms without an id, and where it comes from. */
export interface OrderIntent extends Omit<OrderTerms, 'clientId' | 'expiresAt'> {
  /** Equal for repeated calls of one decision: a second one is refused as a duplicate. */
  readonly signalId: string;
  readonly origin: OrderOrigin;
  /** Entry throttle and self-cross do not apply to operator flattening. */
  readonly urgent?: boolean;
  /**
   * Leaves a position whose stop has been reached, and can only reduce it. Sent in every safety state but LOCKED, with
   * no fresh mark and whatever exits rest, as stops that protect are.
   */
  readonly protects?: true;
  /**
   * A market order that leaves as it is, without a limit at the collar: the rest of one that protects and had one.
   */
  readonly bare?: true;
  /**
   * Where the venue itself holds it to the position: exits of unknown outcome take no room from it. Whichever of them
   * comes later finds nothing left to reduce, and opens nothing.
   */
  readonly pastUnknown?: true;
  readonly snapshot?: MarketSnapshot;
  /** Of an order of a list (`placeList`): which others of that list it belongs to, before any of them has an id. */
  readonly within?: ListPlace;
  /** Client id of the order whose rest this is, under other terms. */
  readonly replaces?: string;
}
/** How the orders of one list name each other. */
export interface ListPlace {
  /** Place in the list, from 0, of the entry before it behind which it sleeps: `options.after` once that has an id. */
  readonly after?: number;
  /** Those of a list with the same word are one group: `options.group`, once there is an id to name it by. */
  readonly group?: string;
}

export interface BreakerOutcome {
  readonly action: 'none' | 'warning' | 'reduce_only' | 'kill_switch';
  /** Standard deviation per day, as a fraction; undefined with too few values. */
  readonly volatility: number | undefined;
}

/** Expected price impact of an order; a venue's real book behind it. */
export interface ImpactEstimate {
  readonly impactBps: Decimal;
  readonly slippageCost: Decimal;
  readonly liquiditySufficient: boolean;
  readonly maxSlice?: Decimal;
}
export interface ImpactEstimator {
  /** Undefined when the book is not known: the guard then refuses. */
  estimate(instrument: Instrument, side: Side, size: Lots): ImpactEstimate | undefined;
}
export const ImpactEstimator = token<ImpactEstimator>('ImpactEstimator');

/** What the venue says of its next funding. */
export interface FundingOutlook {
  /** The newest answer, where it is new enough to be used; undefined while none is known: then it is asked for. */
  find(instrument: Instrument, now: number): FundingRate | undefined;
}
export const FundingOutlook = token<FundingOutlook>('FundingOutlook');

/** What an order does to the position. One object, filled in anew at every question: read it at once. */
export interface OrderEffect {
  /** Its lots; of a reduce-only order never more than is left to reduce. */
  readonly size: Lots;
  /** Stands against the position. */
  readonly opposes: boolean;
  /** Only shrinks the position, together with every reducing order that is open. */
  readonly shrinks: boolean;
  /** Takes all that is held. */
  readonly closes: boolean;
}

/** Asked of each order of a list, its names resolved, right before risk is: why it cannot be sent. */
export type ListCheck = (intent: OrderIntent) => { readonly check: string; readonly reason: string } | undefined;
/** Proof for every order of a list, in its order, or the first refusal. */
export type ListVerdict =
  | { readonly approved: true; readonly orders: readonly Approved<OrderIntent>[] }
  | { readonly approved: false; readonly check: string; readonly reason: string };

/** Every limit, checked synchronously on position + open + unknown + this order, and the runtime checks. */
export interface RiskManager {
  /** When each mark was last updated: the shared instance. */
  readonly lastMarkUpdate: MarkFreshness;
  /**
   * Pre-trade checks in fixed order; reserves nothing (the gateway does, in the same synchronous step). Orders that
   * strictly reduce pass the exposure, leverage and liquidation checks. Refusals are recorded.
   */
  approve(intent: OrderIntent, now: number): Verdict<OrderIntent>;
  /**
   * All of a list, or none of it: each order is asked with those before it counted as open, and `before` first, where
   * it is given. With the first refusal everything is as if nobody had asked. Reserves nothing, as `approve`.
   */
  approveList(intents: readonly OrderIntent[], now: number, before?: ListCheck): ListVerdict;
  /**
   * Whether an open order may be changed so. Where it grows, or gives more away, the larger of old and new is asked in
   * its place, as `approve` asks of an order but for what counts orders. A size that may only reduce is cut.
   * `isSentAnew`: the venue changes nothing in place; what can add is asked as the order that is sent instead.
   */
  approveChange(order: Order, change: OrderChange, now: number, isSentAnew?: boolean): Verdict<OrderChange>;
  /**
   * What the order would do to the position, by the same formula that `approve` asks of the final terms. Whoever needs
   * to know whether an order reduces asks here.
   */
  effectOf(intent: OrderIntent): OrderEffect;
  /** Nothing may be added to the symbol: the account is reduce-only, or the symbol is, or it left the configuration. */
  mayOnlyReduce(symbol: string): boolean;
  isReduceOnly(): boolean;
  /** Through the safety ladder. */
  setReduceOnly(enabled: boolean, reason: string, actor?: string): Promise<void>;
  readonly killSwitch: boolean;

  /**
   * Lets a strategy enter again that was disabled for its many entries; without a name, every one. Takes effect once
   * its record, with actor and reason, is on disk; rejects with RISK-003 without an operator or a reason. Absent:
   * nothing is ever disabled.
   */
  rearm?(reason: string, actor: string, strategy?: string): Promise<void>;
  /** Strategies whose entries are refused until they are re-armed. */
  readonly disabledStrategies?: readonly string[];

  /** Runtime checks. All are synchronous and cheap; those on the hot path allocate nothing unless they trip. */
  isStale(symbol: string, now: number): boolean;
  checkMarkStaleness(symbol: string, now: number): boolean;
  /**
   * One question in place of the checks below: true when each of them would pass, has nothing to record, and neither
   * symbol nor account is reduced or halted. False decides nothing: then they are asked one by one. Absent: they always
   * are.
   */
  watch?(series: Series): RiskWatch;
  /** The volatility breaker on the strategy's own series. */
  checkVolatility(series: Series, now: number): BreakerOutcome;
  /** True while today's loss is beyond the limit: increasing orders are refused until the next UTC day. */
  checkDailyLoss(now: number): boolean;
  /** Tightens to REDUCE_ONLY when the drawdown from the high-water mark passes the limit. */
  checkDrawdown(now: number): boolean;
  checkLiquidationBuffer(
    instrument: Instrument,
    mark: MarkUnits,
    liquidationPrice: MarkUnits | undefined,
    now: number,
  ): boolean;
  checkConcentration(now: number): boolean;
  recordSnapshot(now: number): void;
  /** Per-symbol reduce-only, set by the liquidation buffer check and lifted when the buffer is back. */
  isSymbolReduceOnly(symbol: string): boolean;

  /**
   * Advice on the size of an entry: the sizing method's, on the very share, stop and equity that the entry was decided
   * on, and no more than the market takes within the impact limits. The caller takes the smaller of it and what was
   * decided.
   */
  sizePosition(context: SizingContext): SizingAdvice;
}
/** The runtime checks of one symbol, when all is well. Cheap, and allocates nothing. */
export interface RiskWatch {
  isQuiet(now: number): boolean;
}
export interface SizingContext {
  readonly instrument: Instrument;
  readonly side: Side;
  readonly equity: Units;
  readonly mark: MarkUnits;
  /** Share of the equity, as the decision's basis says; absent: what `decided` is worth. */
  readonly fraction?: Decimal;
  readonly leverage: number;
  /** With a stop the share is what is lost there. */
  readonly stop?: Ticks;
  /** What the strategy decided, where there is a decision: the market is asked for no more. */
  readonly decided?: Lots;
  /** Price of a limit order. */
  readonly limit?: Ticks;
  readonly snapshot?: MarketSnapshot;
}
export interface SizingAdvice {
  readonly notional: Units;
  readonly lots: Lots;
  readonly reduceOnly: boolean;
  readonly dynamic: boolean;
  readonly reason: string;
  /** Which limit leaves nothing to open, where none of the size is left; absent: the sizing method. */
  readonly check?: 'market_impact';
}
export const RiskManager = token<RiskManager>('RiskManager');
