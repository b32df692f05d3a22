import { RATE_SCALE } from '../../../../domain/instrument.js';
import { mulDiv, type Ticks } from '../../../../domain/units.js';
import type { Market } from '../../core/market.js';
import { metPrice, no, type RuleCheck, type VenueRules } from './rule.js';

/** Every price is at least one tick; a limit lies within the band. */
export const price: RuleCheck = (request, { market, rules }) => {
  for (const each of [request.limit, request.stop, request.options?.activation]) {
    if (each !== undefined && !(Number.isSafeInteger(each) && each > 0))
      return no('price_filter', `A price must be at least one tick, was ${each} ticks.`);
  }
  return request.limit === undefined || isWithin(request.limit, market, rules)
    ? undefined
    : outOfBand('The price', rules);
};

/** What a market order would meet lies within the band too. Source: Binance USD-M, error -4131. */
export const marketPrice: RuleCheck = (request, { market, rules }) => {
  if (request.type !== 'market') return undefined;
  const met = metPrice(market, request.side, 0);
  return Number.isNaN(met) || isWithin(met, market, rules) ? undefined : outOfBand('The best price', rules);
};

function isWithin(at: Ticks, market: Market, { priceBand }: VenueRules): boolean {
  if (priceBand === undefined) return true;
  return (
    Math.abs(at * market.instrument.marksPerTick - market.mark) <= mulDiv(market.mark, priceBand, RATE_SCALE, 'floor')
  );
}

const outOfBand = (what: string, { priceBand = 0 }: VenueRules): ReturnType<typeof no> =>
  no('price_filter', `${what} must be within ${(priceBand / RATE_SCALE) * 100} % of the mark.`);
