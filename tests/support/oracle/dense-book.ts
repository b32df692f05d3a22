import type { DepthColumns, TradeColumns } from '#src/data/columns.js';

/** A session of one instrument: depth and trades in one order of time. */
export interface TickSession {
  readonly depth: DepthColumns;
  readonly trades: TradeColumns;
  /** Lots of each of our two orders, and how many ticks behind the best price they are put. */
  readonly lots: number;
  readonly behind: number;
}

export interface DenseResult {
  readonly fills: number;
  /** Sum of price times lots over buys, less that of sells; and the lots that are held. */
  readonly cost: number;
  readonly held: number;
}

/**
 * A dense array by tick, with one resting order a side and its place in the queue: everything shown at its price stands
 * ahead when it comes, trades at the price shorten that, a level never shows less than it. An order that is gone comes
 * again at the end of the message or trade, behind the best price of then. All in local integers: the yardstick.
 */
export function runDenseBook({ depth, trades, lots, behind }: TickSession): DenseResult {
  let low = Number.POSITIVE_INFINITY;
  let high = 0;
  for (let i = 0; i < depth.length; i += 1) {
    low = Math.min(low, depth.price[i] as number);
    high = Math.max(high, depth.price[i] as number);
  }
  const bids = new Float64Array(high - low + 1);
  const asks = new Float64Array(high - low + 1);
  let bid = -1;
  let ask = bids.length;
  let [bidAt, bidAhead, bidLeft] = [-1, 0, 0];
  let [askAt, askAhead, askLeft] = [-1, 0, 0];
  let [fills, cost, held] = [0, 0, 0];
  let t = 0;
  for (let i = 0; i < depth.length;) {
    const time = depth.at[i] as number;
    for (; t < trades.length && (trades.at[t] as number) < time; t += 1) {
      const price = (trades.price[t] as number) - low;
      const side = trades.side[t] as number;
      let size = trades.size[t] as number;
      let gone = size;
      if (side < 0 && bidLeft > 0 && bidAt >= price) {
        if (bidAt === price) {
          const rest = size - bidAhead;
          bidAhead = Math.max(0, -rest);
          size = Math.max(0, rest);
        }
        const made = Math.min(bidLeft, size);
        if (made > 0) {
          bidLeft -= made;
          fills += 1;
          held += made;
          cost += made * (bidAt + low);
        }
      } else if (side > 0 && askLeft > 0 && askAt <= price) {
        if (askAt === price) {
          const rest = size - askAhead;
          askAhead = Math.max(0, -rest);
          size = Math.max(0, rest);
        }
        const made = Math.min(askLeft, size);
        if (made > 0) {
          askLeft -= made;
          fills += 1;
          held -= made;
          cost -= made * (askAt + low);
        }
      }
      // What traded is gone from the side it met, best level first, no further than its own price.
      for (; side < 0 && gone > 0 && bid >= price && bid >= 0;) {
        const taken = Math.min(gone, bids[bid] as number);
        bids[bid] = (bids[bid] as number) - taken;
        gone -= taken;
        while (bid >= 0 && bids[bid] === 0) bid -= 1;
      }
      for (; side > 0 && gone > 0 && ask <= price && ask < asks.length;) {
        const taken = Math.min(gone, asks[ask] as number);
        asks[ask] = (asks[ask] as number) - taken;
        gone -= taken;
        while (ask < asks.length && asks[ask] === 0) ask += 1;
      }
    }
    if (((depth.flags[i] as number) & 1) !== 0) {
      bids.fill(0);
      asks.fill(0);
      bid = -1;
      ask = bids.length;
    }
    for (let last = false; !last && i < depth.length; i += 1) {
      const price = (depth.price[i] as number) - low;
      const size = depth.size[i] as number;
      if ((depth.side[i] as number) > 0) {
        bids[price] = size;
        if (size > 0) {
          if (price > bid) bid = price;
        } else if (price === bid) while (bid >= 0 && bids[bid] === 0) bid -= 1;
      } else {
        asks[price] = size;
        if (size > 0) {
          if (price < ask) ask = price;
        } else if (price === ask) while (ask < asks.length && asks[ask] === 0) ask += 1;
      }
      last = ((depth.flags[i] as number) & 2) !== 0;
    }
    // The other side has come to an order: it makes at its own price, from what stands there.
    if (bidLeft > 0) {
      bidAhead = Math.min(bidAhead, bids[bidAt] as number);
      let made = 0;
      while (made < bidLeft && ask <= bidAt) {
        const taken = Math.min(bidLeft - made, asks[ask] as number);
        asks[ask] = (asks[ask] as number) - taken;
        made += taken;
        while (ask < asks.length && asks[ask] === 0) ask += 1;
      }
      if (made > 0) {
        bidLeft -= made;
        fills += 1;
        held += made;
        cost += made * (bidAt + low);
      }
    }
    if (askLeft > 0) {
      askAhead = Math.min(askAhead, asks[askAt] as number);
      let made = 0;
      while (made < askLeft && bid >= askAt) {
        const taken = Math.min(askLeft - made, bids[bid] as number);
        bids[bid] = (bids[bid] as number) - taken;
        made += taken;
        while (bid >= 0 && bids[bid] === 0) bid -= 1;
      }
      if (made > 0) {
        askLeft -= made;
        fills += 1;
        held -= made;
        cost -= made * (askAt + low);
      }
    }
    if (bid < 0 || ask >= asks.length) continue;
    if (bidLeft === 0 && bid - behind >= 0 && bids[bid - behind] !== undefined) {
      bidAt = bid - behind;
      bidAhead = bids[bidAt] as number;
      bidLeft = lots;
    }
    if (askLeft === 0 && ask + behind < asks.length) {
      askAt = ask + behind;
      askAhead = asks[askAt] as number;
      askLeft = lots;
    }
  }
  return { fills, cost, held };
}
