import type { SelfTradePrevention, Side } from '../../../domain/order.js';
import type { Ticks } from '../../../domain/units.js';
import type { Market } from '../core/market.js';
import type { WorkingOrder } from '../core/working-order.js';

const SELF_TRADE = 'self_trade: it would have traded with an own order';

type End = (market: Market, order: WorkingOrder, status: 'expired', reason: string, at: number) => void;

/** Keeps own orders from trading with each other. The arriving order's own word counts, else the venue's. */
export class SelfTrade {
  prevention: SelfTradePrevention = 'expire_maker';

  constructor(private readonly end: End) {}

  /**
   * Before an order takes or rests at `price`: own orders that it would meet there or before end, or it does. False
   * when it has ended.
   */
  admits(market: Market, order: WorkingOrder, price: Ticks, at: number): boolean {
    const { side, options } = order.request;
    const resting = side === 'buy' ? market.book.asks : market.book.bids;
    for (
      let other = resting[0];
      other !== undefined && order.isOpen && meets(side, price, other.request.limit);
      other = resting[0]
    ) {
      const prevention = options?.selfTrade ?? this.prevention;
      if (prevention !== 'expire_taker') this.end(market, other, 'expired', SELF_TRADE, at);
      if (prevention !== 'expire_maker' && order.isOpen) this.end(market, order, 'expired', SELF_TRADE, at);
    }
    return order.isOpen;
  }
}

const meets = (side: Side, price: Ticks, limit: Ticks | undefined): boolean =>
  limit !== undefined && (side === 'buy' ? limit <= price : limit >= price);
