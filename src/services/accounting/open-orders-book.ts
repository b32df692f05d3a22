import { injectable } from 'inversify';
import { isTerminal, mostLots, reservedLots, standsBy } from '../../domain/order-state.js';
import { closesPosition, type Order, type OrderRequest, type Side } from '../../domain/order.js';
import type { Position } from '../../domain/position.js';
import { SymbolMap } from '../../domain/symbol-map.js';
import { lots, units, type Lots, type Units } from '../../domain/units.js';
import { inject } from '../../injection/inject.js';
import type { OpenOrders } from '../../ports/runtime-state/open-orders.js';
import { Portfolio } from '../../ports/runtime-state/portfolio.js';

const SIDES: readonly Side[] = ['buy', 'sell'];
/** The group in which an order can open, of which the largest counts. */
const groupOf = ({ options, reduceOnly }: OrderRequest): string | undefined =>
  reduceOnly ? undefined : options?.group;

/**
 * Orders that end each other: the first execution of one ends the rest, so together they can fill as much of a side as
 * the largest of them that is open, less what any of them has filled. Those that have ended count for what they filled.
 */
class Group {
  readonly members = new Map<string, Order>();

  lots(side: Side): number {
    let largest = 0;
    let filled = 0;
    for (const order of this.members.values()) {
      if (order.request.side !== side) continue;
      filled += order.filled;
      if (!isTerminal(order.status)) largest = Math.max(largest, mostLots(order));
    }
    return Math.max(0, largest - filled);
  }

  get isOver(): boolean {
    for (const { status } of this.members.values()) if (!isTerminal(status)) return false;
    return true;
  }
}

/** Sums of one symbol, kept as orders come and go. */
class Exposure {
  readonly orders = new Map<string, Order>();
  /** Undefined while there was never one. */
  private groups: Map<string, Group> | undefined;
  buying = 0;
  selling = 0;
  reducing = 0;
  /** Lots of stops that wait. */
  standing = 0;
  unknown = 0;

  count(order: Order, sign: 1 | -1): void {
    const change = sign * reservedLots(order);
    if (standsBy(order)) this.standing += change;
    else if (order.request.reduceOnly) this.reducing += change;
    else if (groupOf(order.request) === undefined) this.add(order.request.side, change);
    if (order.status === 'unknown') this.unknown += sign;
  }

  /** An order of a group as it stands now. */
  regroup(group: string, order: Order): void {
    const groups = (this.groups ??= new Map<string, Group>());
    let known = groups.get(group);
    if (known === undefined) groups.set(group, (known = new Group()));
    for (const side of SIDES) this.add(side, -known.lots(side));
    known.members.set(order.request.clientId, order);
    for (const side of SIDES) this.add(side, known.lots(side));
    if (known.isOver) groups.delete(group);
  }

  grouped(side: Side, group: string): number {
    return this.groups?.get(group)?.lots(side) ?? 0;
  }

  private add(side: Side, change: number): void {
    if (side === 'buy') this.buying += change;
    else this.selling += change;
  }
}

/** Every order not proven dead, with running sums per symbol, so that a risk check reads and never searches. */
@injectable()
export class OpenOrdersBook implements OpenOrders {
  private readonly orders = new SymbolMap<Order>();
  private readonly exposures = new SymbolMap<Exposure>();

  constructor(@inject(Portfolio) private readonly portfolio: Portfolio) {}

  get size(): number {
    return this.orders.size;
  }

  put(order: Order): void {
    const { clientId, symbol } = order.request;
    let exposure = this.exposures.get(symbol);
    if (exposure === undefined) this.exposures.set(symbol, (exposure = new Exposure()));
    const before = this.orders.get(clientId);
    if (before !== undefined) exposure.count(before, -1);
    const group = groupOf(order.request);
    if (group !== undefined) exposure.regroup(group, order);
    if (isTerminal(order.status)) {
      this.orders.delete(clientId);
      exposure.orders.delete(clientId);
      return;
    }
    exposure.count(order, 1);
    this.orders.set(clientId, order);
    exposure.orders.set(clientId, order);
  }

  find(clientId: string): Order | undefined {
    return this.orders.get(clientId);
  }

  all(): IterableIterator<Order> {
    return this.orders.values();
  }

  of(symbol: string): readonly Order[] {
    return [...(this.exposures.get(symbol)?.orders.values() ?? [])];
  }

  buying(symbol: string): Lots {
    return lots(this.exposures.get(symbol)?.buying ?? 0);
  }

  selling(symbol: string): Lots {
    return lots(this.exposures.get(symbol)?.selling ?? 0);
  }

  grouped(symbol: string, side: Side, group: string): Lots {
    return lots(this.exposures.get(symbol)?.grouped(side, group) ?? 0);
  }

  reducing(symbol: string): Lots {
    return lots(this.exposures.get(symbol)?.reducing ?? 0);
  }

  unknown(symbol: string): number {
    return this.exposures.get(symbol)?.unknown ?? 0;
  }

  /** Infinite while there is exposure and no mark: what cannot be valued fits under no limit. */
  reservedNotional(symbol: string): Units {
    const position = this.positionOf(symbol);
    if (position === undefined) return units(0);
    // By themselves they add nothing; but once they have filled, an order against the position opens in full.
    const least = this.reduced(position);
    const long = Math.abs(Math.max(position.lots, least) + this.buying(symbol));
    const short = Math.abs(Math.min(position.lots, least) - this.selling(symbol));
    const worst = lots(Math.max(long, short));
    if (worst === 0) return units(0);
    const mark = this.portfolio.lastMark(symbol);
    return mark === undefined ? units(Number.POSITIVE_INFINITY) : position.instrument.notionalAtMark(mark, worst);
  }

  /** What is left of the position where everything that only reduces it fills first; stops too. */
  private reduced({ lots: held, instrument }: Position): number {
    const side: Side = held > 0 ? 'sell' : 'buy';
    let left: number = Math.abs(held);
    for (const order of this.exposures.get(instrument.symbol)?.orders.values() ?? [])
      if (order.request.reduceOnly && order.request.side === side)
        left = closesPosition(order.request) ? 0 : Math.max(0, left - reservedLots(order));
    return held > 0 ? left : 0 - left;
  }

  /** Undefined when neither a fill nor an order has ever named the instrument: then nothing is reserved. */
  private positionOf(symbol: string): Position | undefined {
    for (const position of this.portfolio.positions()) if (position.instrument.symbol === symbol) return position;
    for (const order of this.exposures.get(symbol)?.orders.values() ?? [])
      return this.portfolio.position(order.request.instrument);
    return undefined;
  }
}
