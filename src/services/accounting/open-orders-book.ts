import { injectable } from 'inversify';
import { isTerminal, standsBy } from '../../domain/order-state.js';
import { remaining, type Order } from '../../domain/order.js';
import type { Position } from '../../domain/position.js';
import { SymbolMap } from '../../domain/symbol-map.js';
import { lots, units, type Lots, type Units } from '../../domain/units.js';
import { inject } from '../../injection/inject.js';
import type { OpenOrders } from '../../ports/runtime-state/open-orders.js';
import { Portfolio } from '../../ports/runtime-state/portfolio.js';

/** Sums of one symbol, kept as orders come and go. */
class Exposure {
  readonly orders = new Map<string, Order>();
  buying = 0;
  selling = 0;
  reducing = 0;
  /** Lots of stops that wait. */
  standing = 0;
  unknown = 0;

  count(order: Order, sign: 1 | -1): void {
    const change = sign * remaining(order);
    if (standsBy(order)) this.standing += change;
    else if (order.request.reduceOnly) this.reducing += change;
    else if (order.request.side === 'buy') this.buying += change;
    else this.selling += change;
    if (order.status === 'unknown') this.unknown += sign;
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
    const long = Math.abs(position.lots + this.buying(symbol));
    const short = Math.abs(position.lots - this.selling(symbol));
    const worst = lots(Math.max(long, short));
    if (worst === 0) return units(0);
    const mark = this.portfolio.lastMark(symbol);
    return mark === undefined ? units(Number.POSITIVE_INFINITY) : position.instrument.notionalAtMark(mark, worst);
  }

  /** Undefined when neither a fill nor an order has ever named the instrument: then nothing is reserved. */
  private positionOf(symbol: string): Position | undefined {
    for (const position of this.portfolio.positions()) if (position.instrument.symbol === symbol) return position;
    for (const order of this.exposures.get(symbol)?.orders.values() ?? [])
      return this.portfolio.position(order.request.instrument);
    return undefined;
  }
}
