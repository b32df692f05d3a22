import type { DepthSequence } from '../../domain/book/book-sequence.js';
import type { Decimal } from '../../domain/decimal.js';
import type { InstrumentSpec, InstrumentStatus } from '../../domain/instrument.js';
import type { BookLevel } from '../../domain/market.js';
import type { Side } from '../../domain/order.js';
import type { StreamNotice } from './stream-notice.js';

export type { DepthSequence } from '../../domain/book/book-sequence.js';

export interface BookEvent {
  readonly kind: 'book';
  readonly symbol: string;
  readonly bid?: BookLevel;
  readonly ask?: BookLevel;
  readonly last?: Decimal;
  readonly at: number;
}

export interface TradeEvent {
  readonly kind: 'trade';
  readonly symbol: string;
  readonly price: Decimal;
  readonly size: Decimal;
  /** Side of the aggressor. */
  readonly side?: Side;
  readonly at: number;
}

/** The prices that a venue values and funds positions by. What it did not say this time is absent, and unchanged. */
export interface MarkEvent {
  readonly kind: 'mark';
  readonly symbol: string;
  readonly mark?: Decimal;
  readonly index?: Decimal;
  /** Fraction of notional for the interval that ends at `nextFundingAt`; longs pay when positive. */
  readonly fundingRate?: Decimal;
  readonly nextFundingAt?: number;
  readonly at: number;
}

/** An instrument has changed: whether it is traded, or by which filters. */
export interface InstrumentEvent {
  readonly kind: 'instrument';
  readonly symbol: string;
  readonly status?: InstrumentStatus;
  /** As `listProducts` would describe it now; absent: as before, `status` apart. */
  readonly spec?: InstrumentSpec;
  readonly at: number;
}

/** Depth as messages that build on each other. */
export interface DepthEvent {
  readonly kind: 'depth';
  readonly symbol: string;
  /** A snapshot replaces the book; in a change a size of zero deletes its level. */
  readonly type: 'snapshot' | 'change';
  /** Any order. */
  readonly bids: readonly BookLevel[];
  readonly asks: readonly BookLevel[];
  /** Absent where the venue numbers none. */
  readonly sequence?: DepthSequence;
  readonly at: number;
}

/** Everything a stream of a market may tell, the notices of the stream itself among them. */
export type MarketEvent = BookEvent | TradeEvent | MarkEvent | InstrumentEvent | DepthEvent | StreamNotice;
