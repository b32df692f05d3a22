import type { Decimal } from '../../../domain/decimal.js';
import { barCloseAt } from '../../../domain/time-spans.js';
import { neededInterval } from '../intervals.js';
import type { Candles, WireCandle } from '../market/candles.js';
import { aggregateOf, valueText } from '../market/told.js';
import type { WireMarket, WireTrade } from '../market/wire-market.js';
import type { Params } from '../params.js';
import { WireRefusal } from '../refusal.js';
import { cut, marketAsked, rowsAsked, windowAsked, type WireMarkets } from './asked.js';
import { weighs, type Route, type Routes } from './route.js';

const DEPTH_WEIGHTS: ReadonlyMap<number, number> = new Map([
  [5, 2],
  [10, 2],
  [20, 2],
  [50, 2],
  [100, 5],
  [500, 10],
  [1_000, 20],
]);
const USUAL_ROWS = 500;
const MOST_KLINES = 1_500;
const MOST_ROWS = 1_000;

/** Book, trades and candles. Source: Binance, "USDⓈ-M Futures, Market Data". */
export const tradingRoutes = (markets: WireMarkets): Routes =>
  new Map<string, Route>([
    ['GET /fapi/v1/depth', depthRoute(markets)],
    ['GET /fapi/v1/trades', tradesRoute(markets)],
    ['GET /fapi/v1/aggTrades', aggregatesRoute(markets)],
    ['GET /fapi/v1/klines', klinesRoute(markets, 'symbol', TRADED)],
    ['GET /fapi/v1/markPriceKlines', klinesRoute(markets, 'symbol', MARKED)],
    ['GET /fapi/v1/indexPriceKlines', klinesRoute(markets, 'pair', INDEXED)],
  ]);

const depthRoute = (markets: WireMarkets): Route => ({
  weight: (params) => DEPTH_WEIGHTS.get(params.whole('limit', USUAL_ROWS)) ?? 1,
  answer: (params, now) => {
    const market = marketAsked(markets, params);
    const limit = params.whole('limit', USUAL_ROWS);
    if (!DEPTH_WEIGHTS.has(limit)) throw new WireRefusal(-4021, `${limit} is not valid depth limit.`);
    return {
      lastUpdateId: market.updateId,
      E: now,
      T: market.toldAt(now),
      bids: market.levels('buy', limit),
      asks: market.levels('sell', limit),
    };
  },
});

const tradesRoute = (markets: WireMarkets): Route => ({
  weight: weighs(5),
  answer: (params) => {
    const market = marketAsked(markets, params);
    return cut(market.trades, rowsAsked(params, USUAL_ROWS, MOST_ROWS), false).map((trade) => tradeRow(market, trade));
  },
});

const aggregatesRoute = (markets: WireMarkets): Route => ({
  weight: weighs(20),
  answer: (params) => {
    const market = marketAsked(markets, params);
    const [from, to] = windowAsked(params);
    const first = params.whole('fromId', undefined);
    const isForward = first !== undefined || params.get('startTime') !== undefined;
    const rows = market.trades.filter(({ id, at }) => at >= from && at <= to && id >= (first ?? 0));
    return cut(rows, rowsAsked(params, USUAL_ROWS, MOST_ROWS), isForward).map((trade) => aggregateOf(market, trade));
  },
});

interface KlineKind {
  readonly candles: (market: WireMarket) => Candles;
  readonly price: (market: WireMarket, price: Decimal) => string;
}

const TRADED: KlineKind = { candles: ({ candles }) => candles, price: (market, price) => market.price(price) };
const MARKED: KlineKind = { candles: ({ markCandles }) => markCandles, price: (_market, price) => valueText(price) };
const INDEXED: KlineKind = { candles: ({ indexCandles }) => indexCandles, price: MARKED.price };

const klinesRoute = (markets: WireMarkets, name: string, kind: KlineKind): Route => ({
  weight: klineWeight,
  answer: (params, now) => {
    const market = marketAsked(markets, params, name);
    const interval = neededInterval(params);
    const [from, to] = windowAsked(params);
    const rows = kind
      .candles(market)
      .of(interval, now)
      .filter(({ openAt }) => openAt >= from && openAt <= to);
    const shown = cut(rows, rowsAsked(params, USUAL_ROWS, MOST_KLINES), params.get('startTime') !== undefined);
    return shown.map((candle) => klineRow(market, kind, candle, interval));
  },
});

function klineWeight(params: Params): number {
  const limit = params.whole('limit', USUAL_ROWS);
  return limit < 100 ? 1 : limit < 500 ? 2 : limit <= 1_000 ? 5 : 10;
}

/** Times, prices, volumes, in the order that the venue documents. */
function klineRow(market: WireMarket, kind: KlineKind, candle: WireCandle, intervalMs: number): readonly unknown[] {
  const { openAt, open, high, low, close } = candle;
  return [
    openAt,
    ...[open, high, low, close].map((price) => kind.price(market, price)),
    market.size(candle.volume),
    barCloseAt(openAt, intervalMs) - 1,
    candle.value.toFixed(5),
    candle.trades,
    market.size(candle.bought),
    candle.boughtValue.toFixed(5),
    '0',
  ];
}

const tradeRow = (market: WireMarket, { id, price, size, at, isBuyerMaker }: WireTrade): unknown => ({
  id,
  price: market.price(price),
  qty: market.size(size),
  quoteQty: price.times(size).toFixed(2),
  time: at,
  isBuyerMaker,
});
