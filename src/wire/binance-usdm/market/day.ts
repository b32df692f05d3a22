import { Decimal, ZERO } from '../../../domain/decimal.js';
import { DAY_MS, MINUTE_MS } from '../../../domain/time-spans.js';
import type { WireMarket } from './wire-market.js';

/** What a market did in the last 24 hours, in minutes that are whole. */
export function dayOf(market: WireMarket, now: number) {
  const minutes = market.candles.of(MINUTE_MS, now).filter(({ openAt }) => openAt > now - DAY_MS);
  const [first, last] = [minutes[0], minutes.at(-1)];
  const open = first?.open ?? ZERO;
  const close = last?.close ?? ZERO;
  const volume = minutes.reduce((sum, each) => sum.plus(each.volume), ZERO);
  const value = minutes.reduce((sum, each) => sum.plus(each.value), ZERO);
  const change = close.minus(open);
  return {
    priceChange: market.price(change),
    priceChangePercent: open.isZero() ? '0' : change.div(open).times(100).toFixed(3),
    weightedAvgPrice: volume.isZero() ? '0' : market.price(value.div(volume)),
    lastPrice: market.price(market.last ?? close),
    lastQty: market.size(market.trades.at(-1)?.size ?? ZERO),
    openPrice: market.price(open),
    highPrice: market.price(minutes.reduce((high, each) => Decimal.max(high, each.high), ZERO)),
    lowPrice: market.price(minutes.reduce((low, each) => Decimal.min(low, each.low), first?.low ?? ZERO)),
    volume: market.size(volume),
    quoteVolume: value.toFixed(2),
    openTime: now - DAY_MS,
    closeTime: now,
    firstId: market.trades[0]?.id ?? 0,
    lastId: market.trades.at(-1)?.id ?? 0,
    count: minutes.reduce((sum, each) => sum + each.trades, 0),
  };
}
