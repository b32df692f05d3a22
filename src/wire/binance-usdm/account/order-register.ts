import type { OrderTerms } from '../../../domain/order.js';
import type { SimulatedVenue } from '../../../venues/simulated/brokerage/venue.js';
import type { WireMarket } from '../market/wire-market.js';
import { AlgoOrder, WireOrder } from './wire-order.js';

/** Where the venue's numbers begin: those of two kinds are never alike. */
const FIRST_ORDER = 8_389_765_000_000;
const FIRST_ALGO = 4_000_001_000_000;

/** Orders of both services by the venue's numbers, and by their names inside the exchange. */
export class OrderRegister {
  readonly orders = new Map<number, WireOrder>();
  readonly algos = new Map<number, AlgoOrder>();
  /** Those that have not ended, oldest first. */
  readonly live = new Set<WireOrder | AlgoOrder>();
  private readonly byInner = new Map<string, WireOrder | AlgoOrder>();
  private lastOrder = FIRST_ORDER;
  private lastAlgo = FIRST_ALGO;
  private inner = 0;

  constructor(private readonly venue: SimulatedVenue) {}

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
    this.byInner.set(order.request.clientId, order);
    this.add(order);
  }

  /** What has no name inside, or its parent's. */
  add(order: WireOrder | AlgoOrder): void {
    this.live.add(order);
    if (order instanceof WireOrder) this.orders.set(order.orderId, order);
    else this.algos.set(order.algoId, order);
  }

  /** The exchange has refused it: there never was such an order. */
  forget(order: WireOrder | AlgoOrder): void {
    this.byInner.delete(order.request.clientId);
    this.live.delete(order);
    if (order instanceof WireOrder) this.orders.delete(order.orderId);
    else this.algos.delete(order.algoId);
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
}
