import type { Decimal } from './decimal.js';

export type MarketKind = 'perpetual' | 'spot' | 'future';

/**
 * What may be done with an instrument now. `post_only`: nothing that would take. `limit_only`: nothing without a limit.
 * `reduce_only`: nothing that opens. `cancel_only`, `halted`: no new order; `closed`: it is traded no more.
 */
export type InstrumentStatus =
  'trading' | 'post_only' | 'limit_only' | 'reduce_only' | 'cancel_only' | 'halted' | 'closed';

/** How far from the mark a venue takes limit prices, as fractions of it: 0.05 above allows buys up to mark × 1.05. */
export interface PriceBand {
  readonly above: Decimal;
  readonly below: Decimal;
}

/** Prices and sizes that a venue takes. */
export interface OrderGrid {
  readonly tick: Decimal;
  readonly step: Decimal;
}

/** What a person or a venue says of an instrument. Decimals only. */
export interface InstrumentSpec {
  readonly symbol: string;
  readonly base: string;
  readonly quote: string;
  /** Currency of margin, fees and profit. */
  readonly settle: string;
  readonly kind: MarketKind;
  /** Smallest price increment, in quote currency. */
  readonly tick: Decimal;
  /** Smallest size increment, in base currency. */
  readonly step: Decimal;
  /**
   * What prices and sizes of orders must be whole multiples of, where the venue asks for more than `tick` and `step`:
   * those stay as fine as what is held was measured in. Absent: tick and step.
   */
  readonly orderGrid?: OrderGrid;
  readonly minSize: Decimal;
  readonly minNotional: Decimal;
  /** Largest size of one order; absent where the venue names none. */
  readonly maxSize?: Decimal;
  /** Largest size of one market order; absent: `maxSize`. */
  readonly maxMarketSize?: Decimal;
  /** Absent: the venue names none. */
  readonly band?: PriceBand;
  /** Absent: trading. */
  readonly status?: InstrumentStatus;
  readonly maxLeverage: Decimal;
  /** Fractions of notional; a negative rate is a rebate. */
  readonly makerFee: Decimal;
  readonly takerFee: Decimal;
  /** Fraction of notional at mark. */
  readonly maintenanceRate: Decimal;
  /** Hours between funding stamps; 0 for instruments without funding. */
  readonly fundingIntervalHours: number;
  /** How price moves become money; absent: linear. */
  readonly contract?: ContractKind;
  /**
   * Linear and quanto: money of the settlement currency for one unit of size and one of price. Inverse: quote currency
   * of one unit of size. Absent: 1.
   */
  readonly multiplier?: Decimal;
  /** Maintenance brackets, lowest first; absent: `maintenanceRate` and `maxLeverage` at every size. */
  readonly tiers?: readonly MarginTier[];
  /** Fee of a liquidation, as a fraction of its notional; absent: the venue's. */
  readonly liquidationFee?: Decimal;
  /** The venue it trades on; absent: the run's only one. */
  readonly venue?: string;
}

/**
 * Linear: quoted and settled in one currency. Inverse: settled in what is bought, worth `size × multiplier / price`.
 * Quanto: settled in a third currency at a fixed rate.
 */
export type ContractKind = 'linear' | 'inverse' | 'quanto';

/** One maintenance bracket: from `floor` up to and including `cap`, in settlement currency. */
export interface MarginTier {
  readonly floor: Decimal;
  readonly cap: Decimal;
  /** Maintenance margin as a fraction of notional. */
  readonly rate: Decimal;
  readonly maxLeverage: Decimal;
  /** What makes the brackets meet: maintenance = notional × rate - cum. */
  readonly cum: Decimal;
}
