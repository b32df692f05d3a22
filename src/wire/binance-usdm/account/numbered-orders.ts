import type { WireMarket } from '../market/wire-market.js';

interface Named {
  readonly clientId: string;
  readonly market: WireMarket;
}

export interface Numbering<T> {
  readonly idOf: (order: T) => number;
  /** Within what a name means one order. */
  readonly nameOf: (order: T) => string;
  readonly isForgotten: (order: T) => boolean;
}

/** Orders of one service, oldest first: by number, by market, and by a name that may come again. */
export class NumberedOrders<T extends Named> {
  private readonly byId = new Map<number, T>();
  private readonly byMarket = new Map<WireMarket, Set<T>>();
  private readonly byName = new Map<string, Set<T>>();

  constructor(private readonly terms: Numbering<T>) {}

  /** How many there are in memory. */
  get size(): number {
    return this.byId.size;
  }

  add(order: T): void {
    this.byId.set(this.terms.idOf(order), order);
    listIn(this.byMarket, order.market, order);
    listIn(this.byName, this.terms.nameOf(order), order);
  }

  delete(order: T): void {
    this.byId.delete(this.terms.idOf(order));
    strike(this.byMarket, order.market, order);
    strike(this.byName, this.terms.nameOf(order), order);
  }

  get(id: number): T | undefined {
    const order = this.byId.get(id);
    return order === undefined || this.terms.isForgotten(order) ? undefined : order;
  }

  /** The newest of that name. */
  named(name: string): T | undefined {
    return this.known(this.byName.get(name)).at(-1);
  }

  of(market: WireMarket): readonly T[] {
    return this.known(this.byMarket.get(market));
  }

  /** Lets go of what is not known any more, and says what that was. */
  sweep(): readonly T[] {
    const gone = [...this.byId.values()].filter((order) => this.terms.isForgotten(order));
    for (const order of gone) this.delete(order);
    return gone;
  }

  private known(orders: ReadonlySet<T> = new Set()): readonly T[] {
    return [...orders].filter((order) => !this.terms.isForgotten(order));
  }
}

function listIn<K, T>(lists: Map<K, Set<T>>, key: K, entry: T): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, new Set([entry]));
  else list.add(entry);
}

function strike<K, T>(lists: Map<K, Set<T>>, key: K, entry: T): void {
  const list = lists.get(key);
  list?.delete(entry);
  if (list?.size === 0) lists.delete(key);
}
