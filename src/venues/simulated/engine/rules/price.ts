import { RATE_SCALE } from '../../../../domain/instrument.js';
import type { Side } from '../../../../domain/order.js';
import { mulDiv, type Ticks } from '../../../../domain/units.js';
import type { Market } from '../../core/market.js';
import { metPrice, no, type RuleCheck, type VenueRules } from './rule.js';

/**
 * Every price is at least one tick; a limit gives away no more than the band. One that gives nothing away may stand as
 * far off as it likes. Source: Binance USD-M, PERCENT_PRICE (a buy at most at mark × multiplierUp, a sell at least at
 * mark × multiplierDown), errors -4016 and -4024.
 */
export const price: RuleCheck = (request, { market, rules }) => {
  for (const each of [request.limit, request.stop, request.options?.activation]) {
    if (each !== undefined && !(Number.isSafeInteger(each) && each > 0))
      return no('price_filter', `A price must be at least one tick, was ${each} ticks.`);
  }
  return request.limit === undefined || isWithin(request.side, request.limit, market, rules)
    ? undefined
    : outOfBand('The price', request.side, rules);
};

/** What a market order would meet lies within the band too. Source: Binance USD-M, error -4131. */
export const marketPrice: RuleCheck = (request, { market, rules }) => {
  if (request.type !== 'market') return undefined;
  const met = metPrice(market, request.side, 0);
  return Number.isNaN(met) || isWithin(request.side, met, market, rules)
    ? undefined
    : outOfBand('The best price', request.side, rules);
};

function isWithin(side: Side, at: Ticks, market: Market, { priceBand }: VenueRules): boolean {
  if (priceBand === undefined) return true;
  const beyond = at * market.instrument.marksPerTick - market.mark;
  return (side === 'buy' ? beyond : -beyond) <= mulDiv(market.mark, priceBand, RATE_SCALE, 'floor');
}

const outOfBand = (what: string, side: Side, { priceBand = 0 }: VenueRules): ReturnType<typeof no> =>
  no(
    'price_filter',
    `${what} must be at most ${(priceBand / RATE_SCALE) * 100} % ${side === 'buy' ? 'above' : 'below'} the mark.`,
  );
