import { barCloseAt, barOpenAt } from '../../../domain/time-spans.js';
import type { WireCandle } from '../market/candles.js';
import { dayOf } from '../market/day.js';
import { aggregateOf, valueText } from '../market/told.js';
import type { WireMarket, WireMarketListener } from '../market/wire-market.js';
import { repeated, type StreamSource } from './stream-source.js';

const KLINE_MS = 250;
const TICKER_MS = 2_000;

export const aggTradeStream: StreamSource = ({ market, clock, tell }) =>
  traded(market, (trade) =>
    tell({ e: 'aggTrade', E: clock.now(), s: market.name, ...aggregateOf(market, trade), nq: market.size(trade.size) }),
  );

/** Not documented for derivatives, and served. */
export const tradeStream: StreamSource = ({ market, clock, tell }) =>
  traded(market, ({ id, price, size, at, isBuyerMaker }) =>
    tell({
      e: 'trade',
      E: clock.now(),
      T: at,
      s: market.name,
      t: id,
      p: market.price(price),
      q: market.size(size),
      X: 'MARKET',
      m: isBuyerMaker,
    }),
  );

/** Nothing is said before a mark is known. */
export const markPriceStream =
  (everyMs: number): StreamSource =>
  ({ market, clock, scheduler, tell }) =>
    repeated(scheduler, everyMs, () => {
      const { mark, index, fundingRate, nextFundingAt } = market;
      if (mark === undefined) return;
      tell({
        e: 'markPriceUpdate',
        E: clock.now(),
        s: market.name,
        p: valueText(mark),
        i: valueText(index),
        P: valueText(index),
        r: valueText(fundingRate),
        T: nextFundingAt ?? 0,
      });
    });

/** The candle of now whenever it has changed, and once more, closed, when it is over. */
export const klineStream =
  (intervalMs: number, interval: string): StreamSource =>
  ({ market, clock, scheduler, tell }) => {
    let told = '';
    let openAt = barOpenAt(clock.now(), intervalMs);
    const say = (now: number, isClosed: boolean): void => {
      const candle = market.candles.at(openAt, intervalMs, now);
      if (candle === undefined) return;
      const k = klineOf(market, candle, { openAt, intervalMs, interval, isClosed });
      const text = JSON.stringify(k);
      if (text !== told) tell({ e: 'kline', E: now, s: market.name, k });
      told = text;
    };
    return repeated(scheduler, KLINE_MS, () => {
      const now = clock.now();
      while (barCloseAt(openAt, intervalMs) <= now) {
        say(now, true);
        openAt = barCloseAt(openAt, intervalMs);
      }
      say(now, false);
    });
  };

export const tickerStream: StreamSource = ({ market, clock, scheduler, tell }) =>
  repeated(scheduler, TICKER_MS, () => {
    const day = dayOf(market, clock.now());
    tell({
      e: '24hrTicker',
      E: clock.now(),
      s: market.name,
      p: day.priceChange,
      P: day.priceChangePercent,
      w: day.weightedAvgPrice,
      c: day.lastPrice,
      Q: day.lastQty,
      o: day.openPrice,
      h: day.highPrice,
      l: day.lowPrice,
      v: day.volume,
      q: day.quoteVolume,
      O: day.openTime,
      C: day.closeTime,
      F: day.firstId,
      L: day.lastId,
      n: day.count,
    });
  });

function traded(market: WireMarket, tell: NonNullable<WireMarketListener['traded']>): () => void {
  const listener = { traded: tell };
  market.listeners.add(listener);
  return () => void market.listeners.delete(listener);
}

interface KlineFacts {
  readonly openAt: number;
  readonly intervalMs: number;
  readonly interval: string;
  readonly isClosed: boolean;
}

const klineOf = (
  market: WireMarket,
  candle: WireCandle,
  { openAt, intervalMs, interval, isClosed }: KlineFacts,
): Readonly<Record<string, unknown>> => ({
  t: openAt,
  T: barCloseAt(openAt, intervalMs) - 1,
  s: market.name,
  i: interval,
  f: candle.firstTrade,
  L: candle.lastTrade,
  o: market.price(candle.open),
  c: market.price(candle.close),
  h: market.price(candle.high),
  l: market.price(candle.low),
  v: market.size(candle.volume),
  n: candle.trades,
  x: isClosed,
  q: candle.value.toFixed(5),
  V: market.size(candle.bought),
  Q: candle.boughtValue.toFixed(5),
  B: '0',
});
