import { canOnlyReduce } from '../../../domain/order-state.js';
import type { Order, OrderRequest } from '../../../domain/order.js';
import { SymbolMap } from '../../../domain/symbol-map.js';
import { Mutex } from '../../../flow/mutex.js';
import { unitsInParcels } from '../../../flow/parcels.js';
import type { PreSendCheck } from '../../../ports/core-services/execution.js';

/** An order that is about to leave, and what is asked before its bytes do. */
export interface Departure {
  readonly order: Order;
  readonly checks: readonly PreSendCheck[];
}

export interface LanePorts {
  /** Orders in one request, at most. */
  readonly batch: () => number;
  /** Never rejects. */
  readonly send: (parcel: readonly Departure[]) => Promise<void>;
}

/**
 * Entries of one symbol leave one after another, each when the one before has been answered; what reduces waits for
 * nobody. What sleeps behind an entry that has not left travels in its parcel, where the venue has batches: a process
 * that dies leaves both there, or neither.
 */
export class OrderLanes {
  private readonly lanes = new SymbolMap<Mutex>();
  /** Entries that have not left, by client id, each with what is to travel with it. */
  private readonly boarding = new Map<string, Departure[]>();

  constructor(private readonly ports: LanePorts) {}

  /** True when it will leave with the entry that it sleeps behind. */
  boards(departure: Departure): boolean {
    const { after } = departure.order.request.options ?? {};
    const beside = after === undefined ? undefined : this.boarding.get(after);
    beside?.push(departure);
    return beside !== undefined;
  }

  /** In the order given, as far as they wait for one another. Settles when all have been answered; never rejects. */
  async leave(departures: readonly Departure[]): Promise<void> {
    const byLane = new Map<Mutex | undefined, Departure[]>();
    for (const departure of departures) {
      const lane = this.laneOf(departure.order.request);
      const beside = byLane.get(lane);
      if (beside === undefined) byLane.set(lane, [departure]);
      else beside.push(departure);
    }
    await Promise.all([...byLane].map(([lane, some]) => this.leaveBy(lane, some)));
  }

  private async leaveBy(lane: Mutex | undefined, departures: readonly Departure[]): Promise<void> {
    const batch = this.ports.batch();
    if (lane === undefined) {
      // In the step after the one in which it was reserved, as all others.
      await Promise.resolve();
      await Promise.all(unitsInParcels(unitsOf(departures), batch).map((parcel) => this.ports.send(parcel)));
      return;
    }
    if (batch > 1)
      for (const { order } of departures) if (!order.request.reduceOnly) this.boarding.set(order.request.clientId, []);
    await lane.enter();
    const all = departures.flatMap((departure) => [departure, ...this.taken(departure)]);
    for (const parcel of unitsInParcels(unitsOf(all), batch)) await this.ports.send(parcel);
    lane.leave();
  }

  /** Nothing boards it any more. */
  private taken({ order: { request } }: Departure): readonly Departure[] {
    const beside = this.boarding.get(request.clientId) ?? [];
    this.boarding.delete(request.clientId);
    return beside;
  }

  /** What sleeps until an entry fills comes after that entry's answer: a venue knows no order that has not arrived. */
  private laneOf(request: OrderRequest): Mutex | undefined {
    const { symbol, options } = request;
    if (canOnlyReduce(request) && options?.after === undefined) return undefined;
    let lane = this.lanes.get(symbol);
    if (lane === undefined) this.lanes.set(symbol, (lane = new Mutex()));
    return lane;
  }
}

/** Each entry with what sleeps behind it. */
function unitsOf(departures: readonly Departure[]): readonly (readonly Departure[])[] {
  const units = new Map<string, Departure[]>();
  for (const departure of departures) {
    const { clientId, options } = departure.order.request;
    const unit = options?.after === undefined ? undefined : units.get(options.after);
    if (unit === undefined) units.set(clientId, [departure]);
    else unit.push(departure);
  }
  return [...units.values()];
}
