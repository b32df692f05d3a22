import type { Instrument } from '../../../domain/instrument.js';
import type { Side } from '../../../domain/order.js';
import type { ForeignOrders } from '../../../ports/runtime-state/foreign-orders.js';
import type { OpenOrders } from '../../../ports/runtime-state/open-orders.js';
import type { VenueOrder } from '../../../ports/venue/venue-order.js';

/** What orders that are not ours may add to a position, were they to fill. Those that only reduce add nothing. */
export class ForeignExposure {
  constructor(
    private readonly foreign: ForeignOrders,
    private readonly own: Pick<OpenOrders, 'find'>,
  ) {}

  get isEmpty(): boolean {
    return this.foreign.isEmpty;
  }

  /** Lots of one side that may yet fill. */
  lots(instrument: Instrument, side: Side): number {
    if (this.isEmpty) return 0;
    let total = 0;
    for (const order of this.of(instrument.symbol, side)) total += restOf(order, instrument);
    return total;
  }

  /** How much more than at the mark they are worth at prices of their own. */
  excess(instrument: Instrument, side: Side, atMark: (size: number) => number): number {
    if (this.isEmpty) return 0;
    let total = 0;
    for (const order of this.of(instrument.symbol, side)) {
      const size = restOf(order, instrument);
      let most = 0;
      for (const price of [order.price, order.stopPrice])
        if (price !== undefined) most = Math.max(most, instrument.worth(instrument.toMarks(price), size));
      total += most === 0 ? 0 : Math.max(0, most - atMark(size));
    }
    return total;
  }

  /** Of every symbol that is known here and has such orders. */
  *instruments(): Iterable<Instrument> {
    for (const { instrument } of this.foreign.all()) if (instrument !== undefined) yield instrument;
  }

  private *of(symbol: string, side: Side): Iterable<VenueOrder> {
    for (const { order } of this.foreign.all()) {
      if (order.symbol !== symbol || order.side !== side) continue;
      const onlyReduces = order.reduceOnly || order.closePosition === true;
      // One that a person has adopted is among our own.
      if (!onlyReduces && this.own.find(order.clientId ?? '') === undefined) yield order;
    }
  }
}

const restOf = ({ size, filled }: VenueOrder, instrument: Instrument): number =>
  Math.max(0, instrument.toLots(size.minus(filled), 'ceil'));
