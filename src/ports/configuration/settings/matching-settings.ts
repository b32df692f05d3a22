import type { Decimal } from '../../../domain/decimal.js';
import type { SelfTradePrevention } from '../../../domain/order.js';

/** How orders meet the recorded market. */
export interface MatchingSettings {
  /**
   * Order of a bar's extremes: `pessimistic` the one against us first, `optimistic` the one for us first, `next_open`
   * uses neither: orders fill at opens alone.
   */
  readonly barPath: 'pessimistic' | 'optimistic' | 'next_open';
  /**
   * Who stands before a resting order: `risk_averse` everybody who stood there when it came, and only trades shorten
   * the queue; `probabilistic` cancellations shorten it too, in the proportion `queueExponent` says; `front` nobody.
   */
  readonly queue: 'risk_averse' | 'probabilistic' | 'front';
  /** Power of the probabilistic model: the higher, the more cancellations happen behind us. */
  readonly queueExponent: number;
  /**
   * What an order takes where trades are all that is known: `each_print` from every print up to its size until it is
   * filled; `next_print` from the next one alone, and what that lacks ends; `unlimited` all of it at the next one's
   * price.
   */
  readonly tradeLiquidity: 'each_print' | 'next_print' | 'unlimited';
  /** Exits end with the position they belong to; else they stay, as on Binance, and close whatever comes next. */
  readonly exitsEndWithPosition: boolean;
  /** Which of two own orders ends when they would trade with each other. */
  readonly selfTrade: SelfTradePrevention;
  /** How far above the mark a buy may be priced, and below it a sell, as a fraction; absent: any distance. */
  readonly priceBand?: Decimal;
  /** Open orders per instrument, and how many of them may wait for a trigger. */
  readonly maxOpenOrders: number;
  readonly maxConditionalOrders: number;
  /** CSV `ts_ms,symbol,field,value`: filters and fees that change while the market runs. */
  readonly filterChanges?: string;
}
