import type { Side } from '../../../domain/order.js';
import { lots, type Lots, type Ticks } from '../../../domain/units.js';
import { accepts, type Market } from './market.js';

/** Lots that an order of `side` could take at once within its limit, counted no further than `enough`. */
export function takeable(market: Market, side: Side, limit: Ticks | undefined, enough: number): number {
  const { depth } = market;
  if (depth === undefined)
    return accepts(side, limit, side === 'buy' ? market.ask : market.bid)
      ? side === 'buy'
        ? market.askLots
        : market.bidLots
      : 0;
  const levels = depth.against(side);
  let sum = 0;
  for (let price = levels.best; sum < enough && accepts(side, limit, price); price = levels.next(price))
    sum += levels.at(price);
  return sum;
}

/**
 * Takes up to `size` lots of the best level that an order of `side` meets; what is taken is gone. Returns what it was.
 */
export function takeBest(market: Market, side: Side, size: number): number {
  const buy = side === 'buy';
  const taken = Math.min(size, buy ? market.askLots : market.bidLots);
  if (!(taken > 0)) return 0;
  if (market.depth !== undefined) {
    market.depth.against(side).consume(taken);
    market.showDepth();
  } else if (buy) market.askLots = lots(market.askLots - taken);
  else market.bidLots = lots(market.bidLots - taken);
  return taken;
}

/** What others show at the price of an order that rests on `side`; NaN where nobody tells. */
export function shownAt(market: Market, side: Side, price: Ticks): number {
  if (market.depth !== undefined) return market.depth.whole ? market.depth.beside(side).lotsAt(price) : Number.NaN;
  if (!market.quoted) return Number.NaN;
  const best = side === 'buy' ? market.bid : market.ask;
  if (price === best) return side === 'buy' ? market.bidLots : market.askLots;
  return accepts(side, price, best) ? 0 : Number.NaN;
}

export const bestOf = (market: Market, side: Side): Ticks => (side === 'buy' ? market.ask : market.bid);
export const bestLotsOf = (market: Market, side: Side): Lots => (side === 'buy' ? market.askLots : market.bidLots);
