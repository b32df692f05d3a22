import { DAY_MS } from '../../../domain/time-spans.js';
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

const WEEK_MS = 7 * DAY_MS;

/** Where nothing is named, the last seven days. Source: Binance, "Get Income History". */
export function recentAsked(params: Params, now: number): readonly [from: number, to: number] {
  const isNamed = params.get('startTime') !== undefined || params.get('endTime') !== undefined;
  return isNamed ? windowAsked(params) : [now - WEEK_MS, now];
}

/** Seven days at most, from the start or up to the end that is named. Source: Binance, "Account Trade List". */
export function weekAsked(params: Params, now: number): readonly [from: number, to: number] {
  const [from, to] = recentAsked(params, now);
  if (params.get('endTime') === undefined) return [from, from + WEEK_MS];
  if (params.get('startTime') === undefined) return [to - WEEK_MS, to];
  if (to - from > WEEK_MS) throw new WireRefusal(-1127, 'More than 7 days between startTime and endTime.');
  return [from, to];
}
