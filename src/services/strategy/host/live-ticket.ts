import { Decimal } from '../../../domain/decimal.js';
import type { Decision } from '../../../domain/decision.js';
import { isTerminal } from '../../../domain/order-state.js';
import type { Order, OrderChange, OrderRole, OrderType, Side } from '../../../domain/order.js';
import { lots, units, type Lots, type Ticks } from '../../../domain/units.js';
import type { ListPlace } from '../../../ports/core-services/risk-manager.js';
import type { Intent, Why } from '../../../ports/strategy/intent.js';
import type {
  CancelAsk,
  ChangeAsk,
  IntentRefusal,
  OrderTicket,
  TicketChange,
  TicketStatus,
} from '../../../ports/strategy/order-ticket.js';
import type { PositionExits } from '../exits/take-profit.js';
import { limitOf, stopTicksOf } from './grid-prices.js';

/** How the position of an entry is to be left, as its record says it. */
export interface ExitPlan {
  /** Undefined: without a stop. */
  readonly stop: Ticks | undefined;
  readonly exits: PositionExits;
}

/** What a ticket is made of: an intent's terms, or those of an order found again. */
export interface TicketTerms extends Intent, Pick<Decision, 'cut'> {
  /** Of an order of a list. */
  readonly within?: ListPlace;
  readonly plan?: ExitPlan;
  readonly id: string;
  /** Which intent of its tag; undefined of what has no name, or is not sent yet. */
  readonly nth?: number;
  readonly createdAt: number;
}

/** Who carries out what is asked of a ticket. */
export interface TicketHands {
  change(ticket: LiveTicket, change: OrderChange, why: string): ChangeAsk;
  end(ticket: LiveTicket, why: string): CancelAsk;
}

/** A ticket: the newest value of its order, read through. */
export class LiveTicket implements OrderTicket {
  /** Undefined while nothing has been sent, and for ever where it was refused. */
  order: Order | undefined = undefined;
  refusal: IntentRefusal | undefined = undefined;
  children: readonly OrderTicket[] = [];
  /** Its end has been asked for. */
  isEnding = false;
  /** Of one that was planned and never sent. */
  private dropped: { readonly status: 'cancelled' | 'expired'; readonly reason: string } | undefined;
  /** Filled by orders that have been replaced by the newest one. */
  private before = lots(0);
  private readonly replaced: string[] = [];
  private valueBefore = units(0);

  constructor(
    public terms: TicketTerms,
    private readonly hands: TicketHands,
  ) {}

  /** It was planned, and is sent now: under these terms, and still the same ticket. */
  issue(terms: Omit<TicketTerms, 'id' | 'createdAt'>): void {
    const { id, createdAt } = this.terms;
    this.terms = { ...terms, id, createdAt };
  }

  /** It is not sent any more; with a refusal it was turned away. */
  drop(status: 'cancelled' | 'expired', reason: string | IntentRefusal): void {
    if (!this.isUnsent) return;
    if (typeof reason === 'string') this.dropped = { status, reason };
    else this.refusal = reason;
  }

  /** Planned, and nothing has come of it yet. */
  get isUnsent(): boolean {
    return this.order === undefined && this.refusal === undefined && this.dropped === undefined;
  }

  /** The newest value of its order, or of the one that has taken its place. */
  take(order: Order): void {
    const { order: known } = this;
    if (known !== undefined && order.replaces === known.request.clientId) {
      this.replaced.push(known.request.clientId);
      this.before = lots(this.before + known.filled);
      this.valueBefore = units(this.valueBefore + known.filledNotional);
    }
    this.order = order;
  }

  /** The order is its own, or one that its own has replaced. */
  has(clientId: string): boolean {
    return this.order?.request.clientId === clientId || this.replaced.includes(clientId);
  }

  /** Of a size of the whole: what the newest order has of it. */
  ownLots(whole: Lots): Lots {
    return lots(whole - this.before);
  }

  /** It can only take off. */
  get reduces(): boolean {
    return this.order?.request.reduceOnly ?? this.role !== 'entry';
  }

  get isChanging(): boolean {
    return this.isEnding || this.order?.changing !== undefined;
  }

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
    return this.order?.status ?? this.dropped?.status ?? 'planned';
  }

  get isOpen(): boolean {
    return !this.isDone;
  }

  get isDone(): boolean {
    if (this.refusal !== undefined || this.dropped !== undefined) return true;
    const { order } = this;
    // One that is being replaced has an end, and is not the end of it.
    return order !== undefined && isTerminal(order.status) && order.changing?.anew !== true;
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
    const { filledLots } = this;
    if (order === undefined || filledLots === 0) return undefined;
    const value = units(this.valueBefore + order.filledNotional);
    return order.request.instrument.fillPrice(value, filledLots).toNumber();
  }

  get limit(): number | undefined {
    return this.priceOf(this.limitTicks);
  }

  get stop(): number | undefined {
    return this.priceOf(this.stopTicks);
  }

  get lots(): Lots {
    const { order } = this;
    return order === undefined ? this.terms.lots : lots(this.before + order.request.lots);
  }

  get filledLots(): Lots {
    return lots(this.before + (this.order?.filled ?? 0));
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
    return this.order?.reason ?? this.dropped?.reason;
  }

  amend({ limit, stop, quantity, why }: TicketChange & Why): ChangeAsk {
    const { instrument } = this.terms;
    const size = quantity === undefined ? undefined : instrument.toLots(new Decimal(quantity), 'floor');
    const change = {
      ...(limit === undefined ? {} : { limit: limitOf(instrument, this.side, limit) }),
      ...(stop === undefined ? {} : { stop: stopTicksOf(instrument, this.side, stop) }),
      ...(size === undefined ? {} : { lots: size }),
    };
    return this.hands.change(this, change, why);
  }

  cancel(why: string): CancelAsk {
    return this.hands.end(this, why);
  }

  private priceOf(ticks: Ticks | undefined): number | undefined {
    return ticks === undefined ? undefined : this.terms.instrument.price(ticks).toNumber();
  }
}
