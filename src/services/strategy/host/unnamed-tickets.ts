import type { Decision } from '../../../domain/decision.js';
import type { Order, OrderRole } from '../../../domain/order.js';
import { closesPosition } from '../../../domain/order.js';
import { lots } from '../../../domain/units.js';
import { LiveTicket, type TicketHands } from './live-ticket.js';

/** Done tickets of which late news may still come. */
const REMEMBERED = 64;

/** A decision of which it is not known yet what order it has become. */
interface Pending {
  readonly ticket: LiveTicket;
  readonly decision: Decision;
  readonly at: number;
}

/**
 * Tickets of orders that have no name of the strategy's: those its decisions have become, and the stops that the bot
 * keeps for it.
 */
export class UnnamedTickets {
  /** By client id, the oldest first. */
  private readonly openOnes = new Map<string, LiveTicket>();
  private readonly done = new Map<string, LiveTicket>();
  private readonly newest = new Map<string, LiveTicket>();
  private pending: Pending | undefined;

  constructor(
    private readonly symbol: string,
    private readonly instance: string,
    private readonly hands: TicketHands,
  ) {}

  expect(ticket: LiveTicket, decision: Decision, at: number): void {
    this.pending = { ticket, decision, at };
    this.newest.set(ticket.tag, ticket);
  }

  /** The ticket of the newest decision, where nothing has come of that yet. */
  pendingTicket(): LiveTicket | undefined {
    return this.pending?.ticket;
  }

  /** The same, and it is expected no longer. */
  takePending(): LiveTicket | undefined {
    const { pending } = this;
    this.pending = undefined;
    return pending?.ticket;
  }

  /** The ticket of an order without a name, made where it is not known yet; undefined for what is none of these. */
  of(order: Order): LiveTicket | undefined {
    const { symbol, clientId } = order.request;
    if (symbol !== this.symbol) return undefined;
    const { replaces } = order;
    return (
      this.openOnes.get(clientId) ??
      this.done.get(clientId) ??
      (replaces === undefined ? undefined : (this.openOnes.get(replaces) ?? this.done.get(replaces))) ??
      this.expected(order) ??
      this.found(order)
    );
  }

  /** Takes the newest value of an order. */
  took(ticket: LiveTicket, order: Order): void {
    const { clientId } = order.request;
    ticket.take(order);
    if (order.replaces !== undefined) this.openOnes.delete(order.replaces);
    if (!ticket.isDone) {
      this.openOnes.set(clientId, ticket);
      return;
    }
    ticket.isEnding = false;
    this.openOnes.delete(clientId);
    this.done.set(clientId, ticket);
    if (this.done.size <= REMEMBERED) return;
    const oldest = this.done.keys().next();
    if (oldest.done !== true) this.done.delete(oldest.value);
  }

  get open(): readonly LiveTicket[] {
    return [...this.openOnes.values()];
  }

  find(tag: string): LiveTicket | undefined {
    return [...this.openOnes.values()].find((ticket) => ticket.tag === tag) ?? this.newest.get(tag);
  }

  /** What the newest decision has become. */
  private expected({ origin, request }: Order): LiveTicket | undefined {
    const { pending } = this;
    if (pending === undefined || origin?.decidedAt !== pending.at || request.side !== pending.ticket.side)
      return undefined;
    if (request.stop !== undefined || !origin.reason.startsWith(pending.decision.reason)) return undefined;
    this.pending = undefined;
    return pending.ticket;
  }

  /** One of before, or a stop that the bot keeps. */
  private found(order: Order): LiveTicket {
    const { request, origin, createdAt } = order;
    const { instrument, side, type, lots: size, limit, stop, clientId } = request;
    const role = roleOf(order);
    const tag = role === 'entry' ? (side === 'buy' ? 'entry.long' : 'entry.short') : role === 'exit' ? 'close' : role;
    const ticket = new LiveTicket(
      {
        ...{ id: `${this.instance}/${tag}/${clientId}`, tag, role, instrument, side, type, createdAt },
        lots: closesPosition(request) ? lots(0) : size,
        why: origin?.reason ?? '',
        ...(limit === undefined ? {} : { limit }),
        ...(stop === undefined ? {} : { stop }),
      },
      this.hands,
    );
    this.newest.set(tag, ticket);
    this.took(ticket, order);
    return ticket;
  }
}

const roleOf = ({ request: { reduceOnly, stop } }: Order): OrderRole =>
  !reduceOnly ? 'entry' : stop === undefined ? 'exit' : 'stop';
