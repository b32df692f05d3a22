import type { Decimal } from '../../../domain/decimal.js';
import type { Instrument } from '../../../domain/instrument.js';
import { isTerminal } from '../../../domain/order-state.js';
import type { Order, OrderRole, OrderType, Side } from '../../../domain/order.js';
import { lots, type Lots, type Ticks } from '../../../domain/units.js';
import type { CancelAsk, IntentRefusal, OrderTicket, TicketStatus } from '../../../ports/strategy/order-ticket.js';

/** What a ticket is made of: an intent's terms, or those of an order found again. */
export interface TicketTerms {
  readonly id: string;
  readonly tag: string;
  readonly nth: number;
  readonly role: OrderRole;
  readonly instrument: Instrument;
  readonly side: Side;
  readonly type: OrderType;
  readonly lots: Lots;
  readonly limit?: Ticks;
  readonly stop?: Ticks;
  readonly why: string;
  readonly createdAt: number;
}

/** Ends an order on its ticket's word. */
export type TicketCancel = (ticket: LiveTicket, why: string) => CancelAsk;

/** A ticket: the newest value of its order, read through. */
export class LiveTicket implements OrderTicket {
  /** Undefined while nothing has been sent, and for ever where it was refused. */
  order: Order | undefined = undefined;
  refusal: IntentRefusal | undefined = undefined;
  isChanging = false;

  constructor(
    readonly terms: TicketTerms,
    private readonly end: TicketCancel,
  ) {}

  get id(): string {
    return this.terms.id;
  }

  get tag(): string {
    return this.terms.tag;
  }

  get role(): OrderRole {
    return this.terms.role;
  }

  get symbol(): string {
    return this.terms.instrument.symbol;
  }

  get side(): Side {
    return this.terms.side;
  }

  get type(): OrderType {
    return this.terms.type;
  }

  get status(): TicketStatus {
    if (this.refusal !== undefined) return 'refused';
    return this.order?.status ?? 'planned';
  }

  get isOpen(): boolean {
    return !this.isDone;
  }

  get isDone(): boolean {
    return this.refusal !== undefined || (this.order !== undefined && isTerminal(this.order.status));
  }

  get isUnknown(): boolean {
    return this.status === 'unknown';
  }

  get quantity(): Decimal {
    return this.terms.instrument.size(this.lots);
  }

  get filled(): Decimal {
    return this.terms.instrument.size(this.filledLots);
  }

  get remaining(): Decimal {
    return this.terms.instrument.size(lots(this.lots - this.filledLots));
  }

  get progress(): number {
    return this.lots === 0 ? 0 : this.filledLots / this.lots;
  }

  get averagePrice(): number | undefined {
    const { order } = this;
    if (order === undefined || order.filled === 0) return undefined;
    return order.request.instrument.averagePrice(order.filledNotional, order.filled).toNumber();
  }

  get limit(): number | undefined {
    return this.priceOf(this.limitTicks);
  }

  get stop(): number | undefined {
    return this.priceOf(this.stopTicks);
  }

  get lots(): Lots {
    return this.order?.request.lots ?? this.terms.lots;
  }

  get filledLots(): Lots {
    return this.order?.filled ?? lots(0);
  }

  get limitTicks(): Ticks | undefined {
    return this.order === undefined ? this.terms.limit : this.order.request.limit;
  }

  get stopTicks(): Ticks | undefined {
    return this.order === undefined ? this.terms.stop : this.order.request.stop;
  }

  get createdAt(): number {
    return this.terms.createdAt;
  }

  get updatedAt(): number {
    return this.order?.updatedAt ?? this.terms.createdAt;
  }

  get why(): string {
    return this.terms.why;
  }

  get reason(): string | undefined {
    return this.order?.reason;
  }

  cancel(why: string): CancelAsk {
    return this.end(this, why);
  }

  private priceOf(ticks: Ticks | undefined): number | undefined {
    return ticks === undefined ? undefined : this.terms.instrument.price(ticks).toNumber();
  }
}
