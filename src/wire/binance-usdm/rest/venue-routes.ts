import { exchangeInfo } from './exchange-info.js';
import { marketAsked, type WireMarkets } from './asked.js';
import { weighs, type Route, type Routes } from './route.js';
import type { WireMarket } from '../market/wire-market.js';

/** What the venue says of itself, and what of its markets it says to those who sign. */
export const venueRoutes = (markets: WireMarkets): Routes =>
  new Map<string, Route>([
    ['GET /fapi/v1/ping', { weight: weighs(1), answer: () => ({}) }],
    ['GET /fapi/v1/time', { weight: weighs(1), answer: (_params, now) => ({ serverTime: now }) }],
    ['GET /fapi/v1/exchangeInfo', { weight: weighs(1), answer: (_params, now) => exchangeInfo(markets.values(), now) }],
    [
      'GET /fapi/v1/leverageBracket',
      {
        weight: weighs(1),
        isSigned: true,
        answer: (params) =>
          (params.get('symbol') === undefined ? [...markets.values()] : [marketAsked(markets, params)]).map(brackets),
      },
    ],
    [
      'GET /fapi/v1/commissionRate',
      {
        weight: weighs(20),
        isSigned: true,
        answer: (params) => {
          const { name, instrument } = marketAsked(markets, params);
          return {
            symbol: name,
            makerCommissionRate: instrument.spec.makerFee.toFixed(),
            takerCommissionRate: instrument.spec.takerFee.toFixed(),
          };
        },
      },
    ],
  ]);

/** The venue writes brackets as numbers. */
function brackets({ name, instrument: { spec } }: WireMarket): unknown {
  const tiers = spec.tiers ?? [
    { floor: undefined, cap: undefined, rate: spec.maintenanceRate, maxLeverage: spec.maxLeverage, cum: undefined },
  ];
  return {
    symbol: name,
    notionalCoef: 1,
    brackets: tiers.map(({ floor, cap, rate, maxLeverage, cum }, place) => ({
      bracket: place + 1,
      initialLeverage: maxLeverage.toNumber(),
      notionalCap: cap?.toNumber() ?? Number.MAX_SAFE_INTEGER,
      notionalFloor: floor?.toNumber() ?? 0,
      maintMarginRatio: rate.toNumber(),
      cum: cum?.toNumber() ?? 0,
    })),
  };
}
