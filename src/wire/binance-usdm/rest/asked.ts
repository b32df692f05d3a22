import type { WireMarket } from '../market/wire-market.js';
import type { Params } from '../params.js';
import { illegal, invalidSymbol, WireRefusal } from '../refusal.js';

/** The markets that are served, by their names on the wire. */
export type WireMarkets = ReadonlyMap<string, WireMarket>;

export function marketAsked(markets: WireMarkets, params: Params, name = 'symbol'): WireMarket {
  const market = markets.get(params.need(name).toUpperCase());
  if (market === undefined) throw invalidSymbol();
  return market;
}

/** Of the symbol that is named, or a list of all. */
export const oneOrAll = (markets: WireMarkets, params: Params, row: (market: WireMarket) => unknown): unknown =>
  params.get('symbol') === undefined ? [...markets.values()].map(row) : row(marketAsked(markets, params));

/** What a request weighs that may name a symbol or mean all. */
export const weighsByScope =
  (one: number, all: number) =>
  (params: Params): number =>
    params.get('symbol') === undefined ? all : one;

/** What is asked for beyond the most is cut to it, as the venue does. */
export function rowsAsked(params: Params, usual: number, most: number): number {
  const limit = params.whole('limit', usual);
  if (limit === 0) throw illegal('limit');
  return Math.min(limit, most);
}

/** The first rows from a start that was named, else the newest ones. */
export const cut = <T>(rows: readonly T[], limit: number, isForward: boolean): readonly T[] =>
  isForward ? rows.slice(0, limit) : rows.slice(-limit);

export function windowAsked(params: Params): readonly [from: number, to: number] {
  const from = params.whole('startTime', 0);
  const to = params.whole('endTime', Number.POSITIVE_INFINITY);
  if (to < from) throw new WireRefusal(-4007, 'startTime is greater than endTime.');
  return [from, to];
}
