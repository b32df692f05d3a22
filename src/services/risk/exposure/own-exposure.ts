import { mostLots, reservedLots, standsBy } from '../../../domain/order-state.js';
import type { Side } from '../../../domain/order.js';
import type { OrderIntent } from '../../../ports/core-services/risk-manager.js';
import type { OpenOrders } from '../../../ports/runtime-state/open-orders.js';
import type { OrderHistory } from '../order-history.js';

/** What our own open orders can still do to a position, those that follow an entry as far as that brings something. */
export class OwnExposure {
  constructor(
    private readonly orders: OpenOrders,
    /** Knows entries that have ended. */
    private readonly history?: OrderHistory,
  ) {}

  /** Lots that an order which sleeps until its entry fills will have to reduce. */
  promised({ instrument, side, options }: OrderIntent): number {
    const after = options?.after;
    const entry = after === undefined ? undefined : this.orders.find(after);
    if (
      entry === undefined ||
      entry.request.reduceOnly ||
      entry.request.side === side ||
      entry.request.symbol !== instrument.symbol
    )
      return 0;
    return reservedLots(entry);
  }

  /**
   * `firm` leaves out the stops that stand by: they take no room, and still count in the worst case. So does
   * `pastUnknown` what nobody knows the outcome of.
   */
  reducing(symbol: string, side: Side, firm = false, pastUnknown = false): number {
    if (this.orders.size === 0) return 0;
    let total = 0;
    let following: Map<string, number> | undefined;
    for (const order of this.orders.of(symbol)) {
      const { request } = order;
      if (!request.reduceOnly || request.side !== side || (firm && standsBy(order))) continue;
      if (pastUnknown && order.status === 'unknown') continue;
      const after = request.options?.after;
      if (after === undefined) total += reservedLots(order);
      else (following ??= new Map()).set(after, (following.get(after) ?? 0) + reservedLots(order));
    }
    for (const [after, size] of following ?? []) total += Math.min(size, this.broughtBy(after));
    return total;
  }

  /** What so many lots add: the largest of a group counts, and exits of one entry count as much as that brings. */
  added({ instrument: { symbol }, side, options, reduceOnly }: OrderIntent, size: number): number {
    if (!reduceOnly && options?.group !== undefined)
      return Math.max(0, size - this.orders.grouped(symbol, side, options.group));
    if (!reduceOnly || options?.after === undefined) return size;
    let others = 0;
    for (const order of this.orders.of(symbol))
      if (order.request.reduceOnly && order.request.side === side && order.request.options?.after === options.after)
        others += reservedLots(order);
    const brought = this.broughtBy(options.after);
    return Math.min(others + size, brought) - Math.min(others, brought);
  }

  /** Exits that follow one entry close together what that has filled, whoever of them is first. */
  private broughtBy(after: string): number {
    const entry = this.orders.find(after) ?? this.history?.find(after);
    return entry === undefined ? Infinity : mostLots(entry);
  }
}
