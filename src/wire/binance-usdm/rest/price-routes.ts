import { dayOf } from '../market/day.js';
import { bestOf, priceText, valueText } from '../market/told.js';
import type { FundingStampTold, WireMarket } from '../market/wire-market.js';
import { cut, marketAsked, oneOrAll, rowsAsked, weighsByScope, windowAsked, type WireMarkets } from './asked.js';
import { weighs, type Route, type Routes } from './route.js';

const USUAL_STAMPS = 100;
const MOST_STAMPS = 1_000;
/** What funding terms are where nothing else is said: `fundingInfo` lists the others alone. */
const USUAL_FUNDING_HOURS = 8;
/** What the venue puts into every rate. */
const INTEREST_RATE = '0.00010000';

/** Tickers, marks and funding. Source: Binance, "USDⓈ-M Futures, Market Data". */
export const priceRoutes = (markets: WireMarkets): Routes => {
  const price: Route = {
    weight: weighsByScope(1, 2),
    answer: (params, now) =>
      oneOrAll(markets, params, (market) => ({
        symbol: market.name,
        price: priceText(market, market.last),
        time: market.toldAt(now),
      })),
  };
  return new Map<string, Route>([
    ['GET /fapi/v1/ticker/price', price],
    ['GET /fapi/v2/ticker/price', price],
    [
      'GET /fapi/v1/ticker/bookTicker',
      {
        weight: weighsByScope(2, 5),
        answer: (params, now) => oneOrAll(markets, params, (each) => bookTickerRow(each, now)),
      },
    ],
    [
      'GET /fapi/v1/ticker/24hr',
      {
        weight: weighsByScope(1, 40),
        answer: (params, now) =>
          oneOrAll(markets, params, (market) => ({ symbol: market.name, ...dayOf(market, now) })),
      },
    ],
    [
      'GET /fapi/v1/premiumIndex',
      {
        weight: weighsByScope(1, 10),
        answer: (params, now) => oneOrAll(markets, params, (each) => premium(each, now)),
      },
    ],
    ['GET /fapi/v1/fundingRate', fundingRateRoute(markets)],
    ['GET /fapi/v1/fundingInfo', fundingInfoRoute(markets)],
  ]);
};

function bookTickerRow(market: WireMarket, now: number): unknown {
  const [bidPrice, bidQty, askPrice, askQty] = bestOf(market);
  return {
    symbol: market.name,
    bidPrice,
    bidQty,
    askPrice,
    askQty,
    time: market.toldAt(now),
    lastUpdateId: market.updateId,
  };
}

const premium = (market: WireMarket, now: number): unknown => ({
  symbol: market.name,
  markPrice: valueText(market.mark),
  indexPrice: valueText(market.index),
  estimatedSettlePrice: valueText(market.index),
  lastFundingRate: valueText(market.fundingRate),
  interestRate: INTEREST_RATE,
  nextFundingTime: market.nextFundingAt ?? 0,
  time: now,
});

const fundingRateRoute = (markets: WireMarkets): Route => ({
  weight: weighs(1),
  answer: (params) => {
    const [from, to] = windowAsked(params);
    const limit = rowsAsked(params, USUAL_STAMPS, MOST_STAMPS);
    const asked = params.get('symbol') === undefined ? [...markets.values()] : [marketAsked(markets, params)];
    const rows = asked.flatMap((market) =>
      market.stamps.filter(({ at }) => at >= from && at <= to).map((stamp) => fundingRow(market, stamp)),
    );
    rows.sort((a, b) => a.fundingTime - b.fundingTime);
    return cut(rows, limit, params.get('startTime') !== undefined);
  },
});

const fundingRow = (market: WireMarket, { at, rate, mark }: FundingStampTold) => ({
  symbol: market.name,
  fundingTime: at,
  fundingRate: valueText(rate),
  markPrice: valueText(mark),
});

const fundingInfoRoute = (markets: WireMarkets): Route => ({
  weight: weighs(0),
  answer: () =>
    [...markets.values()]
      .filter(({ instrument: { spec } }) => spec.fundingIntervalHours !== USUAL_FUNDING_HOURS)
      .map(({ name, instrument: { spec } }) => ({
        symbol: name,
        adjustedFundingRateCap: '0.02000000',
        adjustedFundingRateFloor: '-0.02000000',
        fundingIntervalHours: spec.fundingIntervalHours,
        disclaimer: false,
      })),
});
