import type { Decimal } from '../../../domain/decimal.js';
import type { WireMarket, WireTrade } from './wire-market.js';

/** Digits of marks, indices and rates on the wire. */
const DIGITS = 8;

/** What is not known is an empty text, as the venue writes it of contracts without funding. */
export const valueText = (value: Decimal | undefined): string => value?.toFixed(DIGITS) ?? '';

export const priceText = (market: WireMarket, price: Decimal | undefined): string =>
  price === undefined ? '' : market.price(price);

/** Every trade is an aggregate of its own. */
export const aggregateOf = (
  market: WireMarket,
  { id, price, size, at, isBuyerMaker }: WireTrade,
): Readonly<Record<string, unknown>> => ({
  a: id,
  p: market.price(price),
  q: market.size(size),
  f: id,
  l: id,
  T: at,
  m: isBuyerMaker,
});

/** Best prices and their sizes; zeros where a side is empty. */
export function bestOf(market: WireMarket): readonly [bid: string, bidSize: string, ask: string, askSize: string] {
  const nothing = ['0', '0'] as const;
  const [bid = nothing] = market.levels('buy', 1);
  const [ask = nothing] = market.levels('sell', 1);
  return [...bid, ...ask];
}
