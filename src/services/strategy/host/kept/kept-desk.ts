import { hasTrigger, type Order, type OrderChange } from '../../../../domain/order.js';
import type { KeptPlace } from '../../../../domain/orders/origin.js';
import type { Lots, MarkUnits } from '../../../../domain/units.js';
import type { Position } from '../../../../domain/position.js';
import type { CancelAsk, ChangeAsk } from '../../../../ports/strategy/order-ticket.js';
import type { DeskPorts } from '../desk-ports.js';
import { listSideObjection } from '../exit-sides.js';
import { refusal } from '../intent-checks.js';
import type { ListedIntent } from '../intent-lists.js';
import type { LiveTicket } from '../live-ticket.js';
import type { IntentSending, SendingDesk } from '../intents/sending.js';
import { declined, type TicketChanges } from '../ticket-changes.js';
import { asleepToRecord } from './asleep-record.js';
import type { KeptExit } from './kept-list.js';
import { KeptLists, type KeptPorts } from './kept-lists.js';

/** Whose lists are kept. */
export interface KeepingDesk extends SendingDesk {
  readonly isOver: boolean;
  account(symbol: string): Position;
  mark(symbol: string): MarkUnits | undefined;
}

export interface KeeperParts {
  readonly ports: Pick<DeskPorts, 'session' | 'log'>;
  readonly sending: IntentSending;
  readonly changes: TicketChanges;
}

/** Sends of a list what its venue keeps, and keeps the rest at the desk. */
export class KeptDesk implements KeptPorts {
  private readonly lists = new KeptLists(this);

  constructor(
    private readonly desk: KeepingDesk,
    private readonly parts: KeeperParts,
  ) {}

  get isEmpty(): boolean {
    return this.lists.isEmpty;
  }

  send(intents: readonly ListedIntent[], planned: readonly LiveTicket[]): readonly LiveTicket[] {
    const { brackets, groups } = this.parts.ports.session.capabilities;
    const sleeps = intents.some(({ within }) => within?.after !== undefined);
    const endsOthers = intents.some(({ within }) => within?.group !== undefined);
    if (!(sleeps && brackets !== true) && !(endsOthers && groups !== true))
      return this.parts.sending.list(intents, planned);
    return sleeps ? this.sendBracket(intents, planned, endsOthers) : this.sendGroup(intents, planned);
  }

  tend(): void {
    this.lists.tend();
  }

  adopt(orders: readonly Order[]): void {
    this.lists.adopt(orders);
  }

  change(ticket: LiveTicket, change: OrderChange, why: string): ChangeAsk {
    const { desk, lists, parts } = this;
    if (!lists.isAsleep(ticket)) {
      const answer = parts.changes.amend(ticket, change, desk.now, why);
      if (answer.outcome !== 'refused') lists.sized(ticket, change);
      return answer;
    }
    const exits = [{ ...ticket.terms, ...change }];
    const entry = lists.entryOf(ticket);
    const objection =
      entry === undefined
        ? undefined
        : listSideObjection({ kind: 'followers', entry: entry.terms, exits }, this.mark());
    if (objection !== undefined) return declined(objection);
    desk.records.changes(ticket, change, why);
    desk.records.changeReserved();
    lists.change(ticket, change);
    return { outcome: 'asked' };
  }

  end(ticket: LiveTicket, why: string): CancelAsk {
    const wasAsleep = this.lists.isAsleep(ticket);
    const answer = this.parts.changes.withdraw(ticket, why);
    if (wasAsleep) this.lists.dropped(ticket);
    return answer;
  }

  get now(): number {
    return this.desk.now;
  }

  get onlyProtects(): boolean {
    return this.desk.isOver;
  }

  held(): number {
    return this.desk.account(this.desk.symbol).lots;
  }

  mark(): MarkUnits | undefined {
    return this.desk.mark(this.desk.symbol);
  }

  wake(ticket: LiveTicket, exit: KeptExit): void {
    this.parts.sending.under(ticket, exit);
  }

  again(ticket: LiveTicket, exit: KeptExit): LiveTicket {
    const next = this.desk.tickets.issue({ ...ticket.terms, ...exit, createdAt: this.desk.now });
    return this.parts.sending.under(next, exit);
  }

  resize(ticket: LiveTicket, whole: Lots, why: string): ChangeAsk {
    return this.parts.changes.amend(ticket, { lots: whole }, this.desk.now, why);
  }

  drop(ticket: LiveTicket, why: string): void {
    ticket.drop('cancelled', why);
    this.gone(ticket);
  }

  wrote(entry: LiveTicket, kept: KeptPlace): void {
    const { log } = this.parts.ports;
    const order = entry.order === undefined ? undefined : log.find(entry.order.request.clientId);
    const { origin } = order ?? {};
    if (order === undefined || origin?.asked === undefined) return;
    log.replace({ ...order, origin: { ...origin, asked: { ...origin.asked, kept } } });
  }

  ticketOf(order: Order): LiveTicket | undefined {
    return this.desk.tickets.of(order);
  }

  sleeping(intent: ListedIntent & { readonly nth: number }): LiveTicket {
    return this.desk.tickets.asleep({ ...intent, createdAt: this.desk.now });
  }

  gone(ticket: LiveTicket): void {
    this.desk.tickets.gone(ticket);
  }

  /** The entry leaves, and what sleeps behind it rides on its record: durable before the entry's first byte. */
  private sendBracket(intents: readonly ListedIntent[], planned: readonly LiveTicket[], shares: boolean) {
    const { sending, ports } = this.parts;
    const { orderTypes } = ports.session.capabilities;
    const [entry, ...exits] = intents.map(alone);
    const strange = exits.find(({ type }) => !hasTrigger(type) && !orderTypes.includes(type));
    if (entry === undefined) return [];
    if (strange !== undefined)
      return sending.allRefused(intents, planned, refusal('unsupported', `The venue takes no ${strange.type} orders.`));
    const members = exits.map((exit, at) => ({ intent: exit, ticket: sending.named(exit, planned[at + 1]).ticket }));
    const asleep = members.map(({ intent, ticket }) => asleepToRecord({ ...intent, nth: ticket.terms.nth ?? 0 }));
    const kept = { asleep, ...(shares ? { group: 'bracket' } : {}) };
    const [ticket] = sending.list([entry], planned.slice(0, 1), () => kept);
    if (ticket === undefined) return [];
    for (const { ticket: exit } of members)
      if (ticket.refusal === undefined) this.desk.tickets.sleeps(exit);
      else sending.turnedAway(exit, ticket.refusal);
    if (ticket.refusal === undefined) this.lists.bracket(ticket, members, shares);
    return [ticket, ...members.map(({ ticket: exit }) => exit)];
  }

  private sendGroup(intents: readonly ListedIntent[], planned: readonly LiveTicket[]): readonly LiveTicket[] {
    const members = intents.map(alone);
    const group = `${members[0]?.tag ?? ''} ${this.desk.now}`;
    const tickets = this.parts.sending.list(members, planned, () => ({ group }));
    const sent = tickets.flatMap((ticket, at) => {
      const intent = members[at];
      return intent === undefined || ticket.refusal !== undefined ? [] : [{ intent, ticket }];
    });
    if (sent.length > 0) this.lists.group(sent);
    return tickets;
  }
}

/** Without its place in the list: the venue would not know what it means. */
function alone(listed: ListedIntent): ListedIntent {
  const intent: { -readonly [K in keyof ListedIntent]: ListedIntent[K] } = { ...listed };
  delete intent.within;
  return intent;
}
