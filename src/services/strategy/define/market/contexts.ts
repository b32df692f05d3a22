import type { Decimal } from '../../../../domain/decimal.js';
import type { Fill, Liquidity, Side } from '../../../../domain/order.js';
import type { OrderUpdate, Restart, TimerEvent } from '../../../../ports/strategy/event-strategy.js';
import type { OrderTicket } from '../../../../ports/strategy/order-ticket.js';
import type { StrategyGate } from '../../../../ports/strategy/strategy-desk.js';
import type { StrategyMarket } from './market.js';

/** A length of time in world time: `90m`, `2s`. */
export type Duration = `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`;

/**
 * Repeats at multiples of its length since the epoch, shifted by what follows: `1h`, `8h -5m`. `week` begins on Monday,
 * `month` on the first; all in UTC.
 */
export type Schedule = Duration | `${Duration} ${'+' | '-'}${Duration}` | 'week' | 'month';

/**
 * The account in the eyes of one strategy, in settlement currency. Numbers inform; `exact` has the same in decimals.
 */
export interface PortfolioView {
  readonly equity: number;
  /** Equity that no position ties up; below zero when there is none. */
  readonly available: number;
  /** |value| of the strategy's position at the mark, and with its sign; NaN without a mark. */
  readonly gross: number;
  readonly net: number;
  /** What this strategy has brought: price profit, fees and funding of its symbol. NaN where nobody counts it. */
  readonly result: number;
  readonly exact: { readonly equity: Decimal; readonly available: Decimal; readonly result: Decimal };
}

/** An own fill. Numbers inform; what is exact is a decimal. */
export interface FillView {
  readonly price: number;
  readonly quantity: Decimal;
  readonly side: Side;
  /** In the currency it was charged in (`raw`); paid is negative. */
  readonly fee: Decimal;
  readonly liquidity: Liquidity;
  readonly at: number;
  readonly raw: Fill;
}

/** What every handler is handed. There is no clock in it and nothing of the future. */
export interface BarContext<P> extends StrategyMarket {
  readonly params: P;
  /** Time of the event, epoch milliseconds: the only clock there is. */
  readonly now: number;
  /** What may be asked now, and why not more. */
  readonly gate: StrategyGate;
  readonly portfolio: PortfolioView;
  /**
   * One shot, in world time; `onTimer` is told the name. Setting it again moves it. A restart goes on with what is
   * left.
   */
  readonly after: (delay: Duration, name: string) => void;
  /** Takes a timer of `after` back. Harmless when there is none. */
  readonly clear: (timer: string) => void;
  /** A gauge of this strategy: the newest value of a name stands among its metrics. */
  readonly plot: (name: string, value: number) => void;
}

export type StartContext<P> = BarContext<P> & { readonly restart: Restart | undefined };
export type OwnFillContext<P> = BarContext<P> & { readonly fill: FillView; readonly ticket: OrderTicket };
export type OwnOrderContext<P> = BarContext<P> & { readonly update: OrderUpdate };
export type TimerContext<P> = BarContext<P> & { readonly timer: TimerEvent };
export type StopContext<P> = BarContext<P> & { readonly reason: string };
