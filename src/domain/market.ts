import type { Decimal } from './decimal.js';
import type { MarketKind } from './instrument.js';
import type { MarginMode, PositionSide } from './order.js';

/** Best prices of one instrument. Absent fields are not known; they are never zero. Times are epoch milliseconds. */
export interface Quote {
  readonly symbol: string;
  readonly last?: Decimal;
  readonly bid?: Decimal;
  readonly bidSize?: Decimal;
  readonly ask?: Decimal;
  readonly askSize?: Decimal;
  readonly mark?: Decimal;
  readonly index?: Decimal;
  /** The venue's own time; absent where it sends none. */
  readonly at?: number;
}

/** One closed bar. `openAt` is the bar's open; it is visible only at `openAt + interval`. */
export interface Candle {
  readonly openAt: number;
  readonly open: Decimal;
  readonly high: Decimal;
  readonly low: Decimal;
  readonly close: Decimal;
  readonly volume: Decimal;
}

export interface BookLevel {
  readonly price: Decimal;
  readonly size: Decimal;
}

/** Bids descending, asks ascending. */
export interface BookSnapshot {
  readonly symbol: string;
  readonly bids: readonly BookLevel[];
  readonly asks: readonly BookLevel[];
  readonly at: number;
}

export interface Balance {
  readonly asset: string;
  /** What is there; profit of open positions is not. */
  readonly total: Decimal;
  readonly available: Decimal;
}

/** A position as a venue reports it: `size` is signed, negative for short. */
export interface VenuePosition {
  readonly symbol: string;
  readonly size: Decimal;
  readonly entryPrice: Decimal;
  readonly markPrice?: Decimal;
  readonly liquidationPrice?: Decimal;
  readonly leverage?: Decimal;
  readonly marginMode?: MarginMode;
  /** Money that an isolated position can lose. */
  readonly isolatedMargin?: Decimal;
  readonly maintenanceMargin?: Decimal;
  /** Place in the queue of auto-deleveraging, 1 (last) to 5 (next). */
  readonly adlQuantile?: number;
  /** Present for the positions of a hedged account. */
  readonly positionSide?: PositionSide;
}

/** What a caller of `get_product` sees. */
export interface Product {
  readonly symbol: string;
  readonly base: string;
  readonly quote: string;
  readonly market: MarketKind;
  readonly minSize: Decimal;
  readonly stepSize: Decimal;
  readonly minNotional: Decimal;
  readonly priceIncrement: Decimal;
  readonly maxLeverage?: Decimal;
  /** False for a product the venue has not confirmed: nothing is opened in it. */
  readonly confirmed: boolean;
  /** Why not, of a product that is known all the same. */
  readonly held?: string;
}

export interface FundingRate {
  readonly symbol: string;
  /** Fraction of notional for one interval; longs pay when positive. */
  readonly rate: Decimal;
  readonly at: number;
  readonly nextAt?: number;
}

/** Depth and activity around the mid, in quote currency where not said otherwise. */
export interface MarketSnapshot {
  readonly symbol: string;
  readonly mid: Decimal;
  /** (ask - bid) / mid, in basis points. */
  readonly spreadBps: Decimal;
  readonly depthL1: Decimal;
  readonly depthL10: Decimal;
  readonly volume1m: Decimal;
  readonly at: number;
}
