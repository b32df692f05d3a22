import type { Fill, Order } from '../../../domain/order.js';

/** In the order in which they were told. */
interface Told {
  readonly fill: Fill;
  readonly turn: number;
}

/**
 * Fills that no order explained when they came. A venue may tell of a fill before anybody here knows which order bears
 * its id: the order counts it once it does.
 */
export class UnclaimedFills {
  private readonly byClient = new Map<string, Told[]>();
  private readonly byVenue = new Map<string, Told[]>();
  private turns = 0;

  add(fill: Fill): void {
    const told = { fill, turn: (this.turns += 1) };
    if (fill.clientId !== '') put(this.byClient, fill.clientId, told);
    put(this.byVenue, venueKey(fill.venueId, fill.instrument.symbol), told);
  }

  /** What belongs to the order by now, oldest first; each once. */
  take({ request, venueIds }: Order): readonly Fill[] {
    if (this.byVenue.size === 0) return [];
    const found = new Set(this.byClient.get(request.clientId));
    for (const id of venueIds) for (const told of this.byVenue.get(venueKey(id, request.symbol)) ?? []) found.add(told);
    for (const told of found) {
      drop(this.byClient, told.fill.clientId, told);
      drop(this.byVenue, venueKey(told.fill.venueId, told.fill.instrument.symbol), told);
    }
    return [...found].sort((a, b) => a.turn - b.turn).map(({ fill }) => fill);
  }
}

/** Some venues number orders by market. */
const venueKey = (id: string, symbol: string): string => `${symbol} ${id}`;

function put(map: Map<string, Told[]>, key: string, told: Told): void {
  const known = map.get(key);
  if (known === undefined) map.set(key, [told]);
  else known.push(told);
}

function drop(map: Map<string, Told[]>, key: string, told: Told): void {
  const rest = map.get(key)?.filter((other) => other !== told) ?? [];
  if (rest.length === 0) map.delete(key);
  else map.set(key, rest);
}
