import { bookOf } from '../backtest/closed-trips.js';
import { signOf, type Fill, type FundingPayment } from '../domain/order.js';
import { RoundTrips } from './round-trips.js';
import type { TradeRow } from './run-record.js';

interface Begun {
  held: number;
  /** The fill that opened what is held; where that one passed zero, what opened the trip that it ended. */
  from: number;
}

/** What is known of the trips of a run besides its fills. */
export interface TripGround {
  readonly fundings: readonly FundingPayment[];
  /** Why an order was made. */
  readonly reasonOf: (clientId: string) => string | undefined;
}

/**
 * The round trips that closed last, in the order in which they did. However many there are, no more than these are
 * worked out.
 */
export function lastTrips(fills: readonly Fill[], { fundings, reasonOf }: TripGround, most: number): TradeRow[] {
  const begun = beginnings(fills, most);
  const first = Math.min(...begun.values());
  const trips = new RoundTrips();
  for (let index = first; index < fills.length; index += 1) {
    const fill = fills[index] as Fill;
    if ((begun.get(bookOf(fill)) ?? Number.POSITIVE_INFINITY) > index) continue;
    trips.fill(fill, { reason: fill.cause ?? reasonOf(fill.clientId), stop: undefined });
  }
  const since = fills[first]?.at ?? 0;
  return trips
    .rows(
      fundings.filter(({ at }) => at >= since),
      () => undefined,
      fills.at(-1)?.at ?? 0,
    )
    .filter(({ closedAt }) => closedAt !== null)
    .sort((a, b) => (a.closedAt ?? 0) - (b.closedAt ?? 0))
    .slice(-most);
}

/** Of each book the fill from which on its part of the last trips is whole. */
function beginnings(fills: readonly Fill[], most: number): ReadonlyMap<string, number> {
  const books = new Map<string, Begun>();
  const last: { readonly book: string; readonly from: number }[] = [];
  for (const [index, fill] of fills.entries()) {
    const book = bookOf(fill);
    let begun = books.get(book);
    if (begun === undefined) books.set(book, (begun = { held: 0, from: index }));
    const before = begun.held;
    if (before === 0) begun.from = index;
    begun.held += signOf(fill.side) * fill.lots;
    if (before === 0 || Math.sign(begun.held) === Math.sign(before)) continue;
    last.push({ book, from: begun.from });
    if (last.length > most) last.shift();
  }
  const from = new Map<string, number>();
  for (const each of last) from.set(each.book, Math.min(each.from, from.get(each.book) ?? Number.POSITIVE_INFINITY));
  return from;
}
