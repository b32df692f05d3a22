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

/** Orders that leave in one lane, in their order; without a lane they wait for nobody. */
export class LaneTurn {
  constructor(
    private readonly departures: readonly Departure[],
    private readonly lane: Mutex | undefined,
    private readonly batch: number,
    private readonly beside: (departure: Departure) => readonly Departure[],
  ) {}

  /** Its parcels may leave beside one another. */
  get isFree(): boolean {
    return this.lane === undefined;
  }

  /** Resolves when it is its turn: in the step after the one in which it was reserved, at the earliest. */
  come(): Promise<void> {
    return this.lane === undefined ? Promise.resolve() : this.lane.enter();
  }

  /** What leaves now, and what has boarded meanwhile. */
  parcels(): readonly (readonly Departure[])[] {
    const { departures, beside } = this;
    const all = this.isFree ? departures : departures.flatMap((each) => [each, ...beside(each)]);
    return unitsInParcels(unitsOf(all), this.batch);
  }

  /** All of it has been answered. */
  over(): void {
    this.lane?.leave();
  }
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

  constructor(
    /** Orders in one request, at most. */
    private readonly batch: () => number,
  ) {}

  /** True when it will leave with the entry that it sleeps behind. */
  boards(departure: Departure): boolean {
    const { after } = departure.order.request.options ?? {};
    const beside = after === undefined ? undefined : this.boarding.get(after);
    beside?.push(departure);
    return beside !== undefined;
  }

  /** In the order given, as far as they wait for one another. */
  turns(departures: readonly Departure[]): readonly LaneTurn[] {
    const batch = this.batch();
    const byLane = new Map<Mutex | undefined, Departure[]>();
    for (const departure of departures) {
      const { request } = departure.order;
      const lane = this.laneOf(request);
      const beside = byLane.get(lane);
      if (beside === undefined) byLane.set(lane, [departure]);
      else beside.push(departure);
      if (lane !== undefined && batch > 1 && !request.reduceOnly) this.boarding.set(request.clientId, []);
    }
    return [...byLane].map(([lane, some]) => new LaneTurn(some, lane, batch, (each) => this.taken(each)));
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
