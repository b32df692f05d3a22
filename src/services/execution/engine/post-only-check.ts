import { messageOf } from '../../../domain/errors.js';
import { canOnlyReduce } from '../../../domain/order-state.js';
import type { MarketFeed } from '../../../ports/venue/market-feed.js';
import type { PreSendCheck } from '../../../ports/core-services/execution.js';
import { inTime, type InTime } from '../../../flow/in-time.js';

/**
 * Refuses a post-only order that would take at once, by a fresh quote; without one it refuses too, but what reduces is
 * left to the venue then, which looks at the same.
 */
export function postOnlyCheck(feed: MarketFeed, ports: InTime): PreSendCheck {
  return async (request) => {
    const { price } = request;
    if (!request.postOnly || price === undefined) return undefined;
    try {
      const quote = await inTime(() => feed.getQuote(request.symbol), ports);
      const opposite = request.side === 'buy' ? quote.ask : quote.bid;
      if (opposite === undefined && canOnlyReduce(request)) return undefined;
      if (opposite === undefined) return 'post_only_quote: the other side of the book is not known';
      const crosses = request.side === 'buy' ? price.gte(opposite) : price.lte(opposite);
      return crosses
        ? `post_only_cross: ${request.side} at ${price.toString()} meets ${opposite.toString()}`
        : undefined;
    } catch (error) {
      return canOnlyReduce(request) ? undefined : `post_only_quote: ${messageOf(error)}`;
    }
  };
}
