import type { Instrument } from '../../domain/instrument.js';
import { isTerminal, type OrderStatus, type StatusReport } from '../../domain/order-state.js';
import type { Order, OrderRequest } from '../../domain/order.js';
import { orderFromRecord, orderToRecord, type PlainRecord } from '../../domain/records.js';
import { lots, ticks, units, type Lots, type Ticks, type Units } from '../../domain/units.js';
import type { VenueOrder } from '../../ports/brokerage.js';

/** Venue ids count orders from 1, so that equal runs name equal orders. */
const venueIdOf = (seq: number): string => `sim-o${seq}`;
/** NaN for an id that is not ours. */
export const seqOf = (venueId: string): number => (venueId.startsWith('sim-o') ? Number(venueId.slice(5)) : Number.NaN);
export const tradeIdOf = (seq: number): string => `sim-t${seq}`;

/** An order inside the exchange. Changed by the order desk alone. */
export class WorkingOrder {
  readonly venueId: string;
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
  reason: string | undefined = undefined;

  constructor(
    /** Order of arrival: the time in price-time priority. */
    readonly seq: number,
    readonly request: OrderRequest,
    readonly createdAt: number,
    /** Price at which its margin is reserved. */
    readonly marginPrice: Ticks,
  ) {
    this.venueId = venueIdOf(seq);
    this.since = createdAt;
    this.updatedAt = createdAt;
  }

  get remaining(): Lots {
    return lots(this.request.lots - this.filled);
  }

  get isOpen(): boolean {
    return !isTerminal(this.status);
  }

  /** Waits for its trigger. */
  get isStop(): boolean {
    return !this.triggered && this.request.stop !== undefined;
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
      report: this.report(),
    };
  }

  toRecord(): PlainRecord {
    const { request, status, filled, filledNotional, createdAt, updatedAt, reason } = this;
    const order: Order = { request, status, venueIds: [this.venueId], filled, filledNotional, createdAt, updatedAt, ...(reason === undefined ? {} : { reason }) };
    return { ...orderToRecord(order), seq: this.seq, triggered: this.triggered, waits: this.waits, since: this.since, margin_price: this.marginPrice };
  }

  /** Undefined when the instrument is not traded any more. Throws STORE-001 for a record that is not an order. */
  static fromRecord(record: PlainRecord, resolve: (symbol: string) => Instrument | undefined): WorkingOrder | undefined {
    const order = orderFromRecord(record, resolve);
    if (order === undefined) return undefined;
    const restored = new WorkingOrder(Number(record['seq']), order.request, order.createdAt, ticks(Number(record['margin_price'])));
    restored.status = order.status;
    restored.filled = order.filled;
    restored.filledNotional = order.filledNotional;
    restored.triggered = record['triggered'] === true;
    restored.waits = record['waits'] === true;
    restored.since = Number(record['since']);
    restored.updatedAt = order.updatedAt;
    restored.reason = order.reason;
    return restored;
  }
}
