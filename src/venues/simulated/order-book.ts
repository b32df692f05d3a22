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
  /** Open orders: a plain field, because every event asks. */
  size = 0;
  private readonly places = new Map<WorkingOrder, WorkingOrder[]>();

  /** Puts an order where it belongs, taking it from where it was. */
  wait(order: WorkingOrder): void {
    this.put(order, this.waiting, bySeq);
  }

  rest(order: WorkingOrder): void {
    if (order.request.side === 'buy') this.put(order, this.bids, byBid);
    else this.put(order, this.asks, byAsk);
  }

  hold(order: WorkingOrder): void {
    this.put(order, this.stops, bySeq);
  }

  remove(order: WorkingOrder): void {
    const list = this.places.get(order);
    if (list === undefined) return;
    list.splice(list.indexOf(order), 1);
    this.places.delete(order);
    this.size = this.places.size;
  }

  /** Every open order of the instrument, in no order. */
  all(): IterableIterator<WorkingOrder> {
    return this.places.keys();
  }

  private put(order: WorkingOrder, list: WorkingOrder[], compare: (a: WorkingOrder, b: WorkingOrder) => number): void {
    this.remove(order);
    let index = list.length;
    while (index > 0 && compare(list[index - 1] as WorkingOrder, order) > 0) index -= 1;
    list.splice(index, 0, order);
    this.places.set(order, list);
    this.size = this.places.size;
  }
}

const limitOf = (order: WorkingOrder): number => order.request.limit ?? 0;
const bySeq = (a: WorkingOrder, b: WorkingOrder): number => a.seq - b.seq;
const byBid = (a: WorkingOrder, b: WorkingOrder): number => limitOf(b) - limitOf(a) || a.seq - b.seq;
const byAsk = (a: WorkingOrder, b: WorkingOrder): number => limitOf(a) - limitOf(b) || a.seq - b.seq;
