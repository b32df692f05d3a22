import { Deadlines } from './deadlines.js';
import type { WorkingOrder } from './working-order.js';

/**
 * Our orders on one instrument, in price-time order. Other people's orders are not kept one by one: they are the quote,
 * the trades and the bars that the driver tells of.
 */
export class OrderBook {
  /** Orders that take at the next price, in order of arrival. */
  readonly waiting: WorkingOrder[] = [];
  /** Resting buys, highest price first, older first. */
  readonly bids: WorkingOrder[] = [];
  /** Resting sells, lowest price first, older first. */
  readonly asks: WorkingOrder[] = [];
  /** Orders that wait for their trigger, in order of arrival. */
  readonly stops: WorkingOrder[] = [];
  /** Orders whose entry has not filled what they could close, in order of arrival. */
  readonly sleeping: WorkingOrder[] = [];
  /** When orders here, or this market itself, change by time alone. */
  readonly due = new Deadlines();
  /** Open orders: a plain field, because every event asks. */
  size = 0;
  private readonly places = new Map<WorkingOrder, WorkingOrder[]>();

  /** Puts an order where it belongs, taking it from where it was. */
  wait(order: WorkingOrder): void {
    this.put(order, this.waiting, byPriority);
  }

  rest(order: WorkingOrder): void {
    if (order.request.side === 'buy') this.put(order, this.bids, byBid);
    else this.put(order, this.asks, byAsk);
  }

  hold(order: WorkingOrder): void {
    this.put(order, this.stops, byPriority);
  }

  sleep(order: WorkingOrder): void {
    this.put(order, this.sleeping, byPriority);
  }

  /** Returns the list it stood in. */
  remove(order: WorkingOrder): WorkingOrder[] | undefined {
    const list = this.places.get(order);
    if (list === undefined) return undefined;
    list.splice(list.indexOf(order), 1);
    this.places.delete(order);
    this.size = this.places.size;
    if (goodTillOf(order) <= this.due.orderAt && this.due.orderAt !== Number.POSITIVE_INFINITY)
      this.due.set('orderAt', this.earliestEnd());
    return list;
  }

  /** Puts an order that was removed back into the list it stood in, by its priority. */
  putBack(order: WorkingOrder, list: WorkingOrder[]): void {
    this.put(order, list, list === this.bids ? byBid : list === this.asks ? byAsk : byPriority);
  }

  /** Every open order of the instrument, in no order. */
  all(): IterableIterator<WorkingOrder> {
    return this.places.keys();
  }

  /** The oldest sleeping order that has been woken. */
  nextWoken(): WorkingOrder | undefined {
    return this.sleeping.length === 0 ? undefined : this.sleeping.find((order) => order.woken);
  }

  private put(order: WorkingOrder, list: WorkingOrder[], compare: (a: WorkingOrder, b: WorkingOrder) => number): void {
    this.remove(order);
    let index = list.length;
    while (index > 0 && compare(list[index - 1] as WorkingOrder, order) > 0) index -= 1;
    list.splice(index, 0, order);
    this.places.set(order, list);
    this.size = this.places.size;
    const goodTill = goodTillOf(order);
    if (goodTill < this.due.orderAt) this.due.set('orderAt', goodTill);
  }

  private earliestEnd(): number {
    let earliest = Number.POSITIVE_INFINITY;
    for (const order of this.places.keys()) earliest = Math.min(earliest, goodTillOf(order));
    return earliest;
  }
}

const goodTillOf = (order: WorkingOrder): number => order.request.options?.goodTill ?? Number.POSITIVE_INFINITY;
const limitOf = (order: WorkingOrder): number => order.request.limit ?? 0;
const byPriority = (a: WorkingOrder, b: WorkingOrder): number => a.priority - b.priority;
const byBid = (a: WorkingOrder, b: WorkingOrder): number => limitOf(b) - limitOf(a) || a.priority - b.priority;
const byAsk = (a: WorkingOrder, b: WorkingOrder): number => limitOf(a) - limitOf(b) || a.priority - b.priority;
