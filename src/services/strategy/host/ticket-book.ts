import type { AskedBy, Order } from '../../../domain/order.js';
import type { OrderFilter } from '../../../ports/strategy/intent.js';
import { UnnamedTickets } from './unnamed-tickets.js';
import { LiveTicket, type TicketHands, type TicketTerms } from './live-ticket.js';

/** Done tickets of which late news may still come. */
const REMEMBERED = 256;

/** The tickets of one instance: by tag, and what of them may still execute. */
export class TicketBook {
  /** Newest of each tag, and how many there have been. */
  private readonly tags = new Map<string, { nth: number; ticket: LiveTicket | undefined }>();
  private readonly openOnes: LiveTicket[] = [];
  private readonly done = new Map<string, LiveTicket>();
  /** Of orders without a name of the strategy's; undefined where it asks for everything by name. */
  unnamed: UnnamedTickets | undefined = undefined;
  private planned = 0;

  constructor(
    readonly instance: string,
    private readonly hands: TicketHands,
  ) {}

  /** Orders of decisions, and what the bot keeps for it, have tickets from now on. */
  takeUnnamed(symbol: string): void {
    this.unnamed ??= new UnnamedTickets(symbol, this.instance, this.hands);
  }

  /** A ticket for the next intent of a tag: the one that was planned for it, where there is one. */
  issue(terms: Omit<TicketTerms, 'id' | 'nth'>, planned?: LiveTicket): LiveTicket {
    const known = this.tags.get(terms.tag);
    const nth = (known?.nth ?? 0) + 1;
    const ticket = planned ?? new LiveTicket({ ...terms, nth, id: this.idOf(terms.tag, nth) }, this.hands);
    planned?.issue({ ...terms, nth });
    this.tags.set(terms.tag, { nth, ticket });
    return ticket;
  }

  /** A ticket that has no number yet, and may never have one. */
  plan(terms: Omit<TicketTerms, 'id' | 'nth'>): LiveTicket {
    this.planned += 1;
    const id = `${this.instance}/${terms.tag}/planned/${terms.createdAt}/${this.planned}`;
    return new LiveTicket({ ...terms, id }, this.hands);
  }

  /** A ticket that takes no tag: what it stands for never was an order. */
  loose(terms: Omit<TicketTerms, 'id' | 'nth'>, count: number): LiveTicket {
    const id = `${this.instance}/${terms.tag}/refused/${terms.createdAt}/${count}`;
    return new LiveTicket({ ...terms, id, nth: 0 - count }, this.hands);
  }

  /** It has a name and no order yet: it is among the open ones until it has, or is given up. */
  sleeps(ticket: LiveTicket): void {
    if (!this.openOnes.includes(ticket)) this.openOnes.push(ticket);
  }

  /** The ticket of an exit that had not been sent when the process ended. */
  asleep(terms: Omit<TicketTerms, 'id' | 'nth'> & { readonly nth: number }): LiveTicket {
    const ticket = new LiveTicket({ ...terms, id: this.idOf(terms.tag, terms.nth) }, this.hands);
    if (terms.nth >= (this.tags.get(terms.tag)?.nth ?? 0)) this.tags.set(terms.tag, { nth: terms.nth, ticket });
    this.sleeps(ticket);
    return ticket;
  }

  /** Nothing comes of it any more. */
  gone(ticket: LiveTicket): void {
    const index = this.openOnes.indexOf(ticket);
    if (index >= 0) this.openOnes.splice(index, 1);
  }

  /** Its order has left the strategy's hands. */
  opened(ticket: LiveTicket, order: Order): void {
    ticket.take(order);
    if (ticket.isOpen && !this.openOnes.includes(ticket)) this.openOnes.push(ticket);
  }

  /** The ticket of an order of this instance, made where it is not known yet; undefined for another's. */
  of(order: Order): LiveTicket | undefined {
    const asked = order.origin?.asked;
    if (asked === undefined) return this.unnamed?.of(order);
    if (asked.instance !== this.instance) return undefined;
    const newest = this.tags.get(asked.tag);
    const { ticket } = newest ?? {};
    // One that was turned away has its number alone: no order ever was its.
    if (newest?.nth === asked.nth && ticket !== undefined && ticket.refusal === undefined) return ticket;
    return this.living(asked) ?? this.done.get(this.idOf(asked.tag, asked.nth)) ?? this.found(order, asked);
  }

  /** One whose number others of its tag have passed: the rest of a close, or an order of before. */
  private living({ tag, nth }: AskedBy): LiveTicket | undefined {
    return this.openOnes.find(({ terms }) => terms.tag === tag && terms.nth === nth);
  }

  /** Takes the newest value of an order; a ticket that has ended makes room for its tag. */
  took(ticket: LiveTicket, order: Order): void {
    if (order.origin?.asked === undefined) {
      this.unnamed?.took(ticket, order);
      return;
    }
    this.opened(ticket, order);
    if (!ticket.isDone) return;
    ticket.isEnding = false;
    this.gone(ticket);
    this.done.set(this.idOf(ticket.tag, ticket.terms.nth ?? 0), ticket);
    if (this.done.size <= REMEMBERED) return;
    const oldest = this.done.keys().next();
    if (oldest.done !== true) this.done.delete(oldest.value);
  }

  open(filter?: OrderFilter): readonly LiveTicket[] {
    return filter === undefined ? this.openOnes : this.openOnes.filter((ticket) => matches(ticket, filter));
  }

  /** The open ticket of a tag, else its newest. */
  find(tag: string): LiveTicket | undefined {
    return this.openOnes.find((ticket) => ticket.tag === tag) ?? this.tags.get(tag)?.ticket;
  }

  isTaken(tag: string): boolean {
    return this.openOnes.some((ticket) => ticket.tag === tag);
  }

  private found(order: Order, { tag, nth, role }: AskedBy): LiveTicket {
    const { request, origin, createdAt } = order;
    const { instrument, side, type, lots, limit, stop } = request;
    const ticket = new LiveTicket(
      {
        id: this.idOf(tag, nth),
        tag,
        nth,
        role,
        instrument,
        side,
        type,
        lots,
        ...(limit === undefined ? {} : { limit }),
        ...(stop === undefined ? {} : { stop }),
        why: origin?.reason ?? '',
        createdAt,
      },
      this.hands,
    );
    if (nth >= (this.tags.get(tag)?.nth ?? 0)) this.tags.set(tag, { nth, ticket });
    this.took(ticket, order);
    return ticket;
  }

  private idOf(tag: string, nth: number): string {
    return `${this.instance}/${tag}/${nth}`;
  }
}

export function matches(ticket: LiveTicket, { symbol, side, role, tag }: OrderFilter): boolean {
  if (symbol !== undefined && ticket.symbol !== symbol) return false;
  if (side !== undefined && ticket.side !== side) return false;
  if (role !== undefined && ticket.role !== role) return false;
  if (tag === undefined) return true;
  return tag.endsWith('*') ? ticket.tag.startsWith(tag.slice(0, -1)) : ticket.tag === tag;
}
