import type { OrderTerms } from '../../../domain/order.js';
import { HOUR_MS } from '../../../domain/time-spans.js';
import type { SimulatedVenue } from '../../../venues/simulated/brokerage/venue.js';
import type { WireMarket } from '../market/wire-market.js';
import { NumberedOrders } from './numbered-orders.js';
import { isForgotten } from './retention.js';
import { AlgoOrder, WireOrder } from './wire-order.js';

/** Where the venue's numbers begin: those of two kinds are never alike. */
const FIRST_ORDER = 8_389_765_000_000;
const FIRST_ALGO = 4_000_001_000_000;
/** How often what the venue no longer knows is let go of. Until then it is kept, and not told. */
const SWEEP_MS = HOUR_MS;

/** An order's name on the wire, which counts within its market. */
export const orderName = ({ name }: WireMarket, clientId: string): string => `${name} ${clientId}`;

/** Orders of both services as the venue knows them, and by their names inside the exchange. */
export class OrderRegister {
  readonly orders: NumberedOrders<WireOrder>;
  readonly algos: NumberedOrders<AlgoOrder>;
  /** Those that have not ended, oldest first. */
  readonly live = new Set<WireOrder | AlgoOrder>();
  private readonly byInner = new Map<string, WireOrder | AlgoOrder>();
  private lastOrder = FIRST_ORDER;
  private lastAlgo = FIRST_ALGO;
  private inner = 0;
  private sweptAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly venue: SimulatedVenue,
    private readonly now: () => number,
  ) {
    const forgotten = (order: WireOrder | AlgoOrder): boolean => isForgotten(order, now());
    this.orders = new NumberedOrders<WireOrder>({
      idOf: ({ orderId }) => orderId,
      nameOf: ({ market, clientId }) => orderName(market, clientId),
      isForgotten: forgotten,
    });
    this.algos = new NumberedOrders<AlgoOrder>({
      idOf: ({ algoId }) => algoId,
      nameOf: ({ clientId }) => clientId,
      isForgotten: forgotten,
    });
  }

  nextOrderId(): number {
    return (this.lastOrder += 1);
  }

  nextAlgoId(): number {
    return (this.lastAlgo += 1);
  }

  /**
   * The instrument as the exchange has it, and a name there, which knows each for ever: on the wire a name may come
   * again once its order has ended.
   */
  inside({ name, instrument }: WireMarket): Pick<OrderTerms, 'clientId' | 'instrument'> {
    this.inner += 1;
    return { clientId: `w${this.inner}`, instrument: this.venue.markets.get(name)?.instrument ?? instrument };
  }

  /** Before it is handed to the exchange, which may fill it at once. */
  enter(order: WireOrder | AlgoOrder): void {
    this.sweep();
    this.byInner.set(order.request.clientId, order);
    this.add(order);
  }

  /** What has no name inside, or its parent's. */
  add(order: WireOrder | AlgoOrder): void {
    this.live.add(order);
    if (order instanceof WireOrder) this.orders.add(order);
    else this.algos.add(order);
  }

  /** The exchange has refused it: there never was such an order. */
  forget(order: WireOrder | AlgoOrder): void {
    this.byInner.delete(order.request.clientId);
    this.live.delete(order);
    if (order instanceof WireOrder) this.orders.delete(order);
    else this.algos.delete(order);
  }

  ended(order: WireOrder | AlgoOrder): void {
    this.live.delete(order);
  }

  named(inner: string): WireOrder | AlgoOrder | undefined {
    return this.byInner.get(inner);
  }

  /** Open ones of one market or of all, oldest first. */
  open(market: WireMarket | undefined): readonly WireOrder[] {
    return [...this.live].filter(
      (order): order is WireOrder => order instanceof WireOrder && (market === undefined || order.market === market),
    );
  }

  openAlgos(market: WireMarket | undefined): readonly AlgoOrder[] {
    return [...this.live].filter(
      (order): order is AlgoOrder => order instanceof AlgoOrder && (market === undefined || order.market === market),
    );
  }

  private sweep(): void {
    const now = this.now();
    if (now - this.sweptAt < SWEEP_MS) return;
    this.sweptAt = now;
    // A child goes by its parent's name inside: it is struck with either, and neither is open.
    for (const order of [...this.orders.sweep(), ...this.algos.sweep()]) this.byInner.delete(order.request.clientId);
  }
}
