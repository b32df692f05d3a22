import { signOf, type Fill } from '../domain/order.js';

/** The position that a fill belongs to: of a hedged account the long and the short one of an instrument are two. */
export const bookOf = ({ instrument: { symbol }, positionSide }: Fill): string =>
  positionSide === undefined ? symbol : `${symbol} ${positionSide}`;

/** Trades: round trips that closed. A fill that passes zero closes one, whatever it opens. */
export function closedTrips(fills: Iterable<Fill>): number {
  const held = new Map<string, number>();
  let closed = 0;
  for (const fill of fills) {
    const book = bookOf(fill);
    const before = held.get(book) ?? 0;
    const after = before + signOf(fill.side) * fill.lots;
    if (before !== 0 && Math.sign(after) !== Math.sign(before)) closed += 1;
    held.set(book, after);
  }
  return closed;
}
