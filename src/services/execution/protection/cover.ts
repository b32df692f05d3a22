import { coveredLots } from '../../../flow/covered-lots.js';
import { protects } from '../../../domain/order-state.js';
import { closesPosition, remaining, type Order, type Side } from '../../../domain/order.js';
import type { Position } from '../../../domain/position.js';
import type { Ticks } from '../../../domain/units.js';
import { triggerOnGrid } from '../orders/on-grid.js';

/** How a stop of this room is told from any other order, also after a restart. */
export const REASON = 'Protective stop';
/** An order that has not been answered for so long is no cover. */
export const ON_THE_WAY_MS = 1_000;

/** The orders of a symbol, as far as they protect its position at one price. In lots. */
export interface Cover {
  /** At the venue, by its own word. */
  standing: number;
  /** Sent lately; the venue has not answered yet. */
  coming: number;
  /** When the oldest of those was sent. */
  comingSince: number;
  /** Of ours, at this price. */
  readonly held: Order[];
  /** Of ours, at another price or on the other side. */
  readonly others: Order[];
  /** Of ours, sent and not answered in time. */
  readonly silent: Order[];
  /** Of those the venue's newest answer tells nothing: no cover to count on, and no room for a third. */
  unread: number;
  /** What one that stands covers: asleep, what its entry has filled and no more. */
  readonly worth: (order: Order) => number;
}

export const isProtective = ({ request, origin }: Order): boolean =>
  request.reduceOnly && request.stop !== undefined && origin?.reason.startsWith(REASON) === true;

export const exitSide = ({ lots }: Position): Side => (lots > 0 ? 'sell' : 'buy');

/** What is known of the stops of a symbol. */
export interface KnownStops {
  /** Price at which the position must be left. */
  readonly stop: Ticks | undefined;
  /** Of which nobody knows whether they stand. */
  readonly unread: ReadonlySet<string>;
}

/** `entryOf` finds the entry that an order sleeps after. */
export function coverOf(
  orders: readonly Order[],
  position: Position,
  { stop, unread }: KnownStops,
  now: number,
  entryOf: (clientId: string) => Order | undefined,
): Cover {
  const side = exitSide(position);
  const worth = (order: Order): number => coveredLots(order, position.lots, entryOf);
  const none = { standing: 0, coming: 0, comingSince: Infinity, unread: 0 };
  const cover: Cover = { ...none, held: [], others: [], silent: [], worth };
  for (const order of orders) {
    if (!protects(order.request)) continue;
    if (stop === undefined || order.request.side !== side || order.request.stop !== sentAt(order, stop)) {
      if (isProtective(order)) cover.others.push(order);
      continue;
    }
    if (unread.has(order.request.clientId)) {
      cover.unread += worth(order);
      continue;
    }
    if (isProtective(order)) cover.held.push(order);
    count(order, cover, now);
  }
  return cover;
}

/** The price at which it was sent: the venue's grid may be coarser than the one in which the strategy counts. */
const sentAt = ({ request: { instrument, side, type } }: Order, stop: Ticks): Ticks =>
  triggerOnGrid(instrument, side, type, stop);

function count(order: Order, cover: Cover, now: number): void {
  if (order.status === 'open' || order.status === 'partially_filled') {
    cover.standing += cover.worth(order);
  } else if (order.status === 'unknown' || now - order.createdAt >= ON_THE_WAY_MS) {
    if (order.status !== 'planned') cover.silent.push(order);
  } else {
    cover.coming += closesPosition(order.request) ? cover.worth(order) : remaining(order);
    cover.comingSince = Math.min(cover.comingSince, order.createdAt);
  }
}

/** Lots that leave the position at market already. */
export function leaving(orders: readonly Order[], side: Side, now: number): number {
  let sum = 0;
  for (const order of orders) {
    const { reduceOnly, side: way, type } = order.request;
    if (!reduceOnly || way !== side || type !== 'market') continue;
    const works = order.status === 'open' || order.status === 'partially_filled';
    if (works || (order.status !== 'unknown' && now - order.createdAt < ON_THE_WAY_MS)) sum += remaining(order);
  }
  return sum;
}
