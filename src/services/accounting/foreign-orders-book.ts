import { injectable } from 'inversify';
import { isTerminal } from '../../domain/order-state.js';
import type { ForeignOrder, ForeignOrders } from '../../ports/runtime-state/foreign-orders.js';
import type { VenueOrder } from '../../ports/venue/venue-order.js';

/** Some venues number orders by market. */
const nameOf = ({ symbol, venueId }: VenueOrder): string => `${symbol} ${venueId}`;

/** What the venue says of orders that are not ours, the newest word of each. */
@injectable()
export class ForeignOrdersBook implements ForeignOrders {
  private readonly orders = new Map<string, ForeignOrder>();
  /** At which telling each was told last. */
  private readonly toldAt = new Map<string, number>();
  private tellings = 0;

  get isEmpty(): boolean {
    return this.orders.size === 0;
  }

  take(foreign: ForeignOrder): boolean {
    const { order } = foreign;
    if (isTerminal(order.report.status)) return this.drop(order);
    const name = nameOf(order);
    const isNew = !this.orders.has(name);
    this.orders.set(name, foreign);
    this.toldAt.set(name, (this.tellings += 1));
    return isNew;
  }

  drop(order: VenueOrder): boolean {
    const name = nameOf(order);
    this.toldAt.delete(name);
    return this.orders.delete(name);
  }

  listing(): (listed: readonly ForeignOrder[]) => void {
    const asked = this.tellings;
    const isNewer = (order: VenueOrder): boolean => (this.toldAt.get(nameOf(order)) ?? 0) > asked;
    return (listed) => {
      const named = new Set(listed.map(({ order }) => nameOf(order)));
      for (const { order } of [...this.orders.values()])
        if (!named.has(nameOf(order)) && !isNewer(order)) this.drop(order);
      for (const foreign of listed) if (!isNewer(foreign.order)) this.take(foreign);
    };
  }

  all(): IterableIterator<ForeignOrder> {
    return this.orders.values();
  }
}
