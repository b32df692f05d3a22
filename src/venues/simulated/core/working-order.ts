import type { Instrument } from '../../../domain/instrument.js';
import { isTerminal, type OrderStatus, type StatusReport } from '../../../domain/order-state.js';
import {
  closesPosition,
  venueOrderId,
  type Order,
  type OrderRequest,
  type VenueOrderId,
} from '../../../domain/order.js';
import { orderFromRecord, orderToRecord, type PlainRecord } from '../../../domain/records.js';
import { lots, ticks, units, type Lots, type Ticks, type Units } from '../../../domain/units.js';
import type { VenueOrder } from '../../../ports/venue/venue-order.js';
import { firesRising, isConditional, trailingLevel } from './trigger-rules.js';

/** Venue ids count orders from 1, so that equal runs name equal orders. */
const venueIdOf = (seq: number): VenueOrderId => venueOrderId(`sim-o${seq}`);
/** NaN for an id that is not ours. */
export const seqOf = (venueId: string): number => (venueId.startsWith('sim-o') ? Number(venueId.slice(5)) : Number.NaN);
export const tradeIdOf = (seq: number): string => `sim-t${seq}`;

/** An order inside the exchange. Changed by the order desk alone. */
export class WorkingOrder {
  readonly venueId: VenueOrderId;
  status: OrderStatus = 'open';
  filled: Lots = lots(0);
  filledNotional: Units = units(0);
  /** A stop that has triggered behaves as its plain type from then on. */
  triggered = false;
  /** Takes at the next price, for want of a quote on arrival. */
  waits = false;
  /** Since when it waits for a price: a bar that opened earlier is not its bar. */
  since: number;
  updatedAt: number;
  /**
   * Lots of others that stand before it at its price. NaN: it has no place yet and takes one when it is next looked at
   * (set so by whoever sends it to the end of the queue); infinite: not known.
   */
  queueAhead = Number.NaN;
  /** What its level showed when last looked at, and what has traded there since. Written by the queue model alone. */
  queueShown = 0;
  queueTraded = 0;
  reason: string | undefined = undefined;
  /** The time in price-time priority; an amendment may lose it. */
  priority: number;
  /** Best reference since a trailing stop became active, in mark units; NaN before. */
  best = Number.NaN;
  /** Reference at which it triggers, in mark units; NaN while there is none. */
  level: number;
  /** Triggers when its reference rises to `level`; else when it falls to it. */
  readonly rising: boolean;
  /** Waits for its entry to fill more; with `woken` it has, and the order is to be placed. */
  asleep = false;
  woken = false;
  /**
   * What all orders of its group that follow the same entry have executed together; undefined outside of such a
   * bracket.
   */
  exits: { filled: number } | undefined = undefined;
  /** The order whose fills it may close: a bracket's entry. */
  entry: WorkingOrder | undefined = undefined;

  constructor(
    /** Order of arrival: what its venue id counts. */
    readonly seq: number,
    /** As it stands: an amendment, or the size of a close at its trigger, puts another in its place. */
    public request: OrderRequest,
    readonly createdAt: number,
    /** Price at which its margin is reserved. */
    public marginPrice: Ticks,
  ) {
    this.venueId = venueIdOf(seq);
    this.priority = seq;
    this.level = levelOf(request);
    this.rising = firesRising(request);
    this.since = createdAt;
    this.updatedAt = createdAt;
  }

  /** Other terms take the place of its own. A trailing stop keeps the level that it has followed to. */
  amend(request: OrderRequest): void {
    if (request.stop !== this.request.stop) this.level = levelOf(request);
    this.request = request;
  }

  /** Its place in a queue, and the best price that it has followed, are of a market that is told no more. */
  forgetMarket(): void {
    this.queueAhead = Number.NaN;
    this.queueShown = this.queueTraded = 0;
    this.best = Number.NaN;
    this.level = levelOf(this.request);
  }

  get remaining(): Lots {
    return lots(this.request.lots - this.filled);
  }

  /**
   * What remains, as far as the entry it belongs to has filled, less what the other exits of its bracket have closed.
   */
  get allowed(): Lots {
    if (this.entry === undefined) return this.remaining;
    const closed = this.exits?.filled ?? this.filled;
    // One that closes the position takes its size from what is left of it.
    const own = closesPosition(this.request) ? this.remaining : this.request.lots - closed;
    return lots(Math.max(0, Math.min(own, this.entry.filled - closed)));
  }

  get isOpen(): boolean {
    return !isTerminal(this.status);
  }

  /** Waits for its trigger. */
  get isStop(): boolean {
    return !this.triggered && isConditional(this.request.type);
  }

  /** Never rests: what it cannot fill at once ends. */
  get isImmediate(): boolean {
    const { limit, timeInForce } = this.request;
    return limit === undefined || timeInForce === 'IOC' || timeInForce === 'FOK';
  }

  report(): StatusReport {
    const { status, updatedAt: at, venueId, reason } = this;
    return reason === undefined ? { status, at, venueId } : { status, at, venueId, reason };
  }

  /** The same order beside this one: what happens to it there does not happen here. */
  copy(): WorkingOrder {
    return Object.assign(Object.create(WorkingOrder.prototype) as WorkingOrder, this);
  }

  toVenueOrder(): VenueOrder {
    const { request } = this;
    return {
      venueId: this.venueId,
      clientId: request.clientId,
      symbol: request.symbol,
      side: request.side,
      type: request.type,
      size: request.size,
      filled: request.instrument.size(this.filled),
      ...(request.price === undefined ? {} : { price: request.price }),
      ...(request.stopPrice === undefined ? {} : { stopPrice: request.stopPrice }),
      reduceOnly: request.reduceOnly,
      ...(closesPosition(request) ? { closePosition: true } : {}),
      report: this.report(),
    };
  }

  toRecord(): PlainRecord {
    const { request, status, filled, filledNotional, createdAt, updatedAt, reason } = this;
    const order: Order = {
      request,
      status,
      venueIds: [this.venueId],
      filled,
      filledNotional,
      createdAt,
      updatedAt,
      ...(reason === undefined ? {} : { reason }),
    };
    const { seq, triggered, waits, since, marginPrice, priority, asleep } = this;
    return {
      ...orderToRecord(order),
      seq,
      triggered,
      waits,
      since,
      margin_price: marginPrice,
      priority,
      asleep,
      best: Number.isNaN(this.best) ? null : this.best,
      queue: [this.queueAhead, this.queueShown, this.queueTraded].map(String),
    };
  }

  /** Undefined when the instrument is not traded any more. Throws STORE-001 for a record that is not an order. */
  static fromRecord(
    record: PlainRecord,
    resolve: (symbol: string) => Instrument | undefined,
  ): WorkingOrder | undefined {
    const order = orderFromRecord(record, resolve);
    if (order === undefined) return undefined;
    const restored = new WorkingOrder(
      Number(record['seq']),
      order.request,
      order.createdAt,
      ticks(Number(record['margin_price'])),
    );
    restored.status = order.status;
    restored.filled = order.filled;
    restored.filledNotional = order.filledNotional;
    restored.triggered = record['triggered'] === true;
    restored.waits = record['waits'] === true;
    restored.since = Number(record['since']);
    restored.updatedAt = order.updatedAt;
    restored.reason = order.reason;
    // What the first version did not keep has its first value.
    restored.priority = known(record['priority']) ?? restored.seq;
    const [ahead, shown, traded] = Array.isArray(record['queue']) ? record['queue'].map(Number) : [];
    restored.queueAhead = ahead ?? Number.NaN;
    restored.queueShown = shown ?? 0;
    restored.queueTraded = traded ?? 0;
    restored.asleep = record['asleep'] === true;
    const { trailBps } = order.request.options ?? {};
    const best = known(record['best']);
    if (trailBps !== undefined && best !== undefined) {
      restored.best = best;
      restored.level = trailingLevel(best, trailBps, restored.rising);
    }
    return restored;
  }
}

/** Of a trailing stop there is none before it follows. */
const levelOf = ({ stop, instrument }: OrderRequest): number =>
  stop === undefined ? Number.NaN : stop * instrument.marksPerTick;

const known = (value: PlainRecord[string]): number | undefined => (typeof value === 'number' ? value : undefined);
