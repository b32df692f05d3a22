import { ZERO, type Decimal } from '../../../domain/decimal.js';
import type { OrderRequest } from '../../../domain/order.js';
import { lots, type Lots } from '../../../domain/units.js';
import type { WireMarket } from '../market/wire-market.js';

/** Source: Binance, "Public endpoints info", order status. */
export type WireStatus = 'NEW' | 'PARTIALLY_FILLED' | 'FILLED' | 'CANCELED' | 'EXPIRED' | 'EXPIRED_IN_MATCH';
/** Source: Binance, "Event: Algo order update". */
export type AlgoStatus = 'NEW' | 'CANCELED' | 'TRIGGERING' | 'TRIGGERED' | 'FINISHED' | 'REJECTED' | 'EXPIRED';

/** What an order was asked for as, in the venue's words. */
export interface WireTerms {
  readonly side: 'BUY' | 'SELL';
  readonly positionSide: 'BOTH' | 'LONG' | 'SHORT';
  readonly type: string;
  readonly timeInForce: string;
  readonly reduceOnly: boolean;
  readonly closePosition: boolean;
  readonly workingType: 'CONTRACT_PRICE' | 'MARK_PRICE';
  readonly priceProtect: boolean;
  readonly goodTillDate: number;
  readonly selfTradePreventionMode: string;
}

/** An order as the venue numbers it. Changed by its account alone. */
export class WireOrder {
  status: WireStatus = 'NEW';
  filled: Lots = lots(0);
  /** Price by size of what has filled. */
  quote: Decimal = ZERO;
  updatedAt: number;
  /** How often its terms were changed. */
  changes = 0;
  /** The venue has thought better of it after it had taken it in. */
  isRefused = false;

  constructor(
    readonly orderId: number,
    readonly clientId: string,
    readonly market: WireMarket,
    readonly terms: WireTerms,
    /** As it stands. */
    public request: OrderRequest,
    readonly createdAt: number,
    /** The conditional order that it was triggered from. */
    readonly parent?: AlgoOrder,
  ) {
    this.updatedAt = createdAt;
  }

  get isOpen(): boolean {
    return this.status === 'NEW' || this.status === 'PARTIALLY_FILLED';
  }

  get averagePrice(): Decimal {
    return this.filled === 0 ? ZERO : this.quote.div(this.market.instrument.size(this.filled));
  }
}

/** A conditional order: another service's, with numbers of its own, until it triggers. */
export class AlgoOrder {
  status: AlgoStatus = 'NEW';
  updatedAt: number;
  triggeredAt = 0;
  /** Why it ended, where the venue says so. */
  reason = '';
  isTriggerTold = false;
  /** What it became. */
  child: WireOrder | undefined = undefined;

  constructor(
    readonly algoId: number,
    readonly clientId: string,
    readonly market: WireMarket,
    readonly terms: WireTerms,
    readonly request: OrderRequest,
    readonly createdAt: number,
    /** In percent; of a trailing stop. */
    readonly callbackRate?: Decimal,
  ) {
    this.updatedAt = createdAt;
  }

  get isOpen(): boolean {
    return this.status === 'NEW';
  }
}
