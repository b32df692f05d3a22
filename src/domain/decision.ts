import type { Decimal } from './decimal.js';
import type { OrderType, TimeInForce, Values } from './order.js';
import type { Lots, Ticks, Units } from './units.js';

export type Action = 'buy' | 'sell' | 'hold' | 'close';

/** What the size of an entry was computed from, so that a sizing method advises on the same ground. */
export interface SizeBasis {
  readonly equity: Units;
  /** Share of the equity: the value of the entry before leverage, or with a stop what is lost there. */
  readonly fraction: Decimal;
  /** What the share is multiplied by; 1 where it is the share of the value itself. */
  readonly leverage: number;
  readonly stop?: Ticks;
}

/** A size that a limit has made smaller. */
export interface SizeCut {
  /** The setting that bound: `risk.maxOrderNotional`. */
  readonly limit: string;
  /** What was wanted and what was left of it, for people. */
  readonly detail: string;
}

/** What a strategy wants done with one instrument, now, and why. */
export interface Decision {
  readonly action: Action;
  /** One short sentence; stands in the journal, the report and `explain`. */
  readonly reason: string;
  /** Numbers that go with the reason of a hold: its record has them. */
  readonly values?: Values;
  /** Value to trade for an entry. Exactly one of `notional` and `quantity` is set on buy and sell. */
  readonly notional?: Units;
  readonly quantity?: Lots;
  /** Of an entry. Absent: the share of the equity at the decision's leverage that the entry is worth. */
  readonly basis?: SizeBasis;
  /** Of an entry that is smaller than the strategy meant it. */
  readonly cut?: SizeCut;
  readonly leverage?: number;
  readonly reduceOnly?: boolean;
  /** Default market. */
  readonly orderType?: OrderType;
  readonly limit?: Ticks;
  readonly stopTrigger?: Ticks;
  readonly timeInForce?: TimeInForce;
  readonly postOnly?: boolean;
  /** An entry that a market filter held back. */
  readonly filterRejected?: boolean;
  /** An entry that a risk guard of the strategy held back. */
  readonly guardRejected?: boolean;
  readonly rejectionType?: string;
  /** Of a hold in the place of an entry: the setting that keeps the strategy from asking for it. */
  readonly switchedOffBy?: string;
  /** Of a hold: the strategy did not say it now; the bot carried out what it had asked before. */
  readonly isByItself?: true;
  /** Its orders have been handed over already, by the strategy itself: the decision only tells of them. */
  readonly isPlaced?: true;
}

/** A hold, made once per reason and reused: holding is what happens on almost every event. */
export const hold = (reason: string, extra: Partial<Decision> = {}): Decision =>
  Object.freeze({ action: 'hold', reason, ...extra });

/** The same decision with the numbers that go with its reason. */
export const withValues = (decision: Decision, values: Values | undefined): Decision =>
  values === undefined ? decision : { ...decision, values };
