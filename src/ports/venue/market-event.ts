import type { Decimal } from '../../domain/decimal.js';
import type { BookLevel } from '../../domain/market.js';
import type { Side } from '../../domain/order.js';
import type { StreamNotice } from './stream-notice.js';

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

export type MarketEvent = BookEvent | TradeEvent | StreamNotice;
