import { isTerminal } from '../../../../domain/order-state.js';
import type { Order, OrderChange } from '../../../../domain/order.js';
import type { AskedBy, KeptPlace } from '../../../../domain/orders/origin.js';
import type { ListedIntent } from '../intent-lists.js';
import type { LiveTicket } from '../live-ticket.js';
import { asleepFromRecord, asleepToRecord } from './asleep-record.js';
import { KeptBracket, KeptGroup, memberOf, mustGoOn, type KeptHands } from './kept-list.js';

export interface KeptPorts extends KeptHands {
  /** The exits of this entry that have not been sent are others now: written with it. */
  wrote(entry: LiveTicket, kept: KeptPlace): void;
  /** The ticket of an order that was found. */
  ticketOf(order: Order): LiveTicket | undefined;
  /** A ticket, of this number of its tag, for an exit that has not been sent. */
  sleeping(intent: ListedIntent & { readonly nth: number }): LiveTicket;
  /** It is among the open ones no longer. */
  gone(ticket: LiveTicket): void;
}

/** Lists that the bot keeps, because their venue keeps neither exits behind entries nor orders that end each other. */
export class KeptLists {
  private readonly lists: (KeptGroup | KeptBracket)[] = [];
  private isTending = false;

  constructor(private readonly ports: KeptPorts) {}

  get isEmpty(): boolean {
    return this.lists.length === 0;
  }

  /** An exit that has not been sent yet. */
  isAsleep(ticket: LiveTicket): boolean {
    return ticket.isUnsent && this.bracketOf(ticket) !== undefined;
  }

  /** Behind which an exit sleeps. */
  entryOf(ticket: LiveTicket): LiveTicket | undefined {
    return this.bracketOf(ticket)?.entry;
  }

  /** Orders that end each other, sent as they are. */
  group(sent: readonly { readonly intent: ListedIntent; readonly ticket: LiveTicket }[]): void {
    this.lists.push(new KeptGroup(sent.map(({ intent, ticket }) => memberOf(intent, ticket))));
  }

  bracket(
    entry: LiveTicket,
    exits: readonly { readonly intent: ListedIntent; readonly ticket: LiveTicket }[],
    shares: boolean,
  ): void {
    const members = exits.map(({ intent, ticket }) => memberOf(intent, ticket));
    this.lists.push(new KeptBracket(entry, members, shares));
  }

  /** Something has happened, or time has passed. */
  tend(): void {
    if (this.lists.length === 0 || this.isTending) return;
    this.isTending = true;
    try {
      for (const list of [...this.lists]) this.look(list);
    } finally {
      this.isTending = false;
    }
  }

  /** Other terms for an exit that has not been sent. */
  change(ticket: LiveTicket, change: OrderChange): void {
    const list = this.bracketOf(ticket);
    const member = list?.members.find((each) => each.ticket === ticket);
    if (list === undefined || member === undefined) return;
    member.intent = { ...member.intent, ...change };
    ticket.terms = { ...ticket.terms, ...change };
    this.write(list);
  }

  /** One that was sent has another size by the strategy's own wish. */
  sized(ticket: LiveTicket, { lots }: OrderChange): void {
    const member = lots === undefined ? undefined : this.bracketOf(ticket)?.members.find((m) => m.ticket === ticket);
    if (member !== undefined && lots !== undefined) member.intent = { ...member.intent, lots };
  }

  /** An exit that has not been sent is given up, by its strategy. */
  dropped(ticket: LiveTicket): void {
    const list = this.bracketOf(ticket);
    this.ports.gone(ticket);
    if (list !== undefined) this.write(list);
  }

  /** Found again, from what rides on the orders of this instance. */
  adopt(orders: readonly Order[]): void {
    const groups = new Map<string, Order[]>();
    const sent = new Map<string, Order>();
    for (const order of orders) {
      const { asked } = order.origin ?? {};
      if (asked === undefined) continue;
      sent.set(nameOf(asked), order);
      const { group, asleep } = asked.kept ?? {};
      if (group !== undefined && asleep === undefined) groups.set(group, [...(groups.get(group) ?? []), order]);
    }
    for (const order of sent.values()) this.adoptBracket(order, sent);
    for (const members of groups.values())
      if (members.some(({ status }) => !isTerminal(status))) this.adoptGroup(members);
  }

  private adoptGroup(orders: readonly Order[]): void {
    const found = orders.flatMap((order) => {
      const ticket = this.ports.ticketOf(order);
      return ticket === undefined ? [] : [{ intent: ticket.terms, ticket }];
    });
    this.group(found);
  }

  private adoptBracket(order: Order, sent: ReadonlyMap<string, Order>): void {
    const { kept } = order.origin?.asked ?? {};
    const entry = kept?.asleep === undefined ? undefined : this.ports.ticketOf(order);
    if (kept?.asleep === undefined || entry === undefined || this.isKnown(entry)) return;
    const exits = kept.asleep.map((record) => {
      const intent = asleepFromRecord(record, order.request.instrument);
      const known = sent.get(nameOf(record));
      const ticket = known === undefined ? undefined : this.ports.ticketOf(known);
      return { intent, ticket };
    });
    const isOver = exits.every(({ ticket }) => ticket?.isDone === true);
    if (entry.isDone && (isOver || entry.filledLots === 0)) return;
    this.bracket(
      entry,
      exits.map(({ intent, ticket }) => ({ intent, ticket: ticket ?? this.ports.sleeping(intent) })),
      kept.group !== undefined,
    );
  }

  private isKnown(entry: LiveTicket): boolean {
    return this.lists.some((list) => list instanceof KeptBracket && list.entry === entry);
  }

  private look(list: KeptGroup | KeptBracket): void {
    const before = standOf(list);
    list.tend(this.ports);
    if (list instanceof KeptBracket && before !== standOf(list)) {
      for (const { ticket } of list.members) if (ticket.isDone) this.ports.gone(ticket);
      this.write(list);
    }
    if (list.isOver) this.lists.splice(this.lists.indexOf(list), 1);
  }

  /** What has been sent, or will not be, is not looked for after a restart: but for orders that stand there. */
  private write(list: KeptBracket): void {
    const { entry, members } = list;
    const asleep = members
      .filter((member) => member.ticket.isUnsent || member.ticket.order !== undefined || mustGoOn(member))
      .map(({ intent, ticket }) => asleepToRecord({ ...intent, nth: ticket.terms.nth ?? 0 }));
    this.ports.wrote(entry, { ...entry.order?.origin?.asked?.kept, asleep });
  }

  private bracketOf(ticket: LiveTicket): KeptBracket | undefined {
    return this.lists.find(
      (list): list is KeptBracket => list instanceof KeptBracket && list.members.some((m) => m.ticket === ticket),
    );
  }
}

/** Which tickets its members have, and which of them have not been sent. */
const standOf = ({ members }: KeptGroup | KeptBracket): string =>
  members.map(({ ticket: { id, isUnsent } }) => `${id}${isUnsent ? ' asleep' : ''}`).join();

const nameOf = ({ tag, nth }: Pick<AskedBy, 'tag' | 'nth'>): string => `${tag}/${nth}`;
