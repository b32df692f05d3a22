import type { Submission } from '../../../../ports/core-services/execution.js';
import type { KeptPlace } from '../../../../domain/orders/origin.js';
import type { Intent, NamedIntent } from '../../../../ports/strategy/intent.js';
import type { IntentRefusal, OrderTicket } from '../../../../ports/strategy/order-ticket.js';
import type { Asked } from '../asked.js';
import type { DeskPorts } from '../desk-ports.js';
import { firstOf, refusal, refusalOf, UNSUPPORTED } from '../intent-checks.js';
import type { IntentJudge } from '../intent-judge.js';
import type { ListedIntent } from '../intent-lists.js';
import type { LiveTicket } from '../live-ticket.js';
import type { IntentRecords } from '../records/intent-records.js';
import type { TicketBook } from '../ticket-book.js';

/** Whose intents are sent. */
export interface SendingDesk {
  readonly now: number;
  readonly symbol: string;
  readonly tickets: TicketBook;
  readonly asked: Asked;
  readonly records: IntentRecords;
}

interface Sendable {
  readonly wanted: NamedIntent;
  readonly ticket: LiveTicket;
}

/** The way of an intent of a desk: judged, named, recorded, handed over, and what came of it on its ticket. */
export class IntentSending {
  /** Intents that were turned away. */
  refusals = 0;

  constructor(
    private readonly desk: SendingDesk,
    private readonly strategy: string,
    private readonly intervalMs: number,
    private readonly judge: IntentJudge,
    private readonly ports: DeskPorts,
  ) {}

  one(intent: Intent, planned?: LiveTicket, isWhole = false): OrderTicket {
    const objection = this.judge.objection(intent);
    if (objection !== undefined) return this.refused(planned ?? this.loose(intent), objection);
    const named = this.named(intent, planned);
    return this.go(isWhole ? { ...named, wanted: { ...named.wanted, isWhole } } : named);
  }

  /** Why nothing of a list may be asked, as far as the desk can say. */
  objection(intents: readonly ListedIntent[], other?: IntentRefusal): IntentRefusal | undefined {
    const tags = new Set(intents.map(({ tag }) => tag));
    const twice = tags.size < intents.length ? refusal('duplicate_tag', 'Two of a list have one tag.') : undefined;
    return twice ?? firstOf(intents, (intent) => this.judge.objection(intent, intent.within)) ?? other;
  }

  /** All of a list is turned away. */
  allRefused(
    intents: readonly ListedIntent[],
    planned: readonly LiveTicket[],
    why: IntentRefusal,
  ): readonly LiveTicket[] {
    return intents.map((intent, at) => this.refused(planned[at] ?? this.loose(intent), why));
  }

  /** The orders of a list sleep behind each other and end each other as `within` says. */
  list(
    intents: readonly ListedIntent[],
    planned: readonly LiveTicket[],
    keptOf?: (index: number) => KeptPlace | undefined,
  ): readonly LiveTicket[] {
    const named = intents.map((intent, at) => this.named(intent, planned[at], keptOf?.(at)));
    const { portfolio, indicators, coordinator } = this.ports;
    const { now, symbol, records } = this.desk;
    records.sends(named.map(({ ticket }) => ticket.terms));
    const submissions = coordinator.executeIntents?.(
      named.map(({ wanted }) => wanted),
      portfolio.lastMark(symbol),
      now,
      indicators.snapshot(symbol, now),
    );
    records.handedOver();
    return named.map(({ ticket }, index) => this.told(ticket, submissions?.[index] ?? UNSUPPORTED));
  }

  /** Under a ticket that has its name already. */
  under(ticket: LiveTicket, intent: ListedIntent & Pick<NamedIntent, 'isWhole'>): LiveTicket {
    return this.go({ ticket, wanted: this.wanted(intent, ticket, undefined) });
  }

  named(intent: ListedIntent, planned?: LiveTicket, kept?: KeptPlace): Sendable {
    const { tickets, asked, now } = this.desk;
    const ticket = tickets.issue({ ...intent, createdAt: now }, planned);
    asked.intent(intent);
    return { ticket, wanted: this.wanted(intent, ticket, kept) };
  }

  turnedAway(ticket: LiveTicket, why: IntentRefusal): void {
    ticket.refusal = why;
    this.desk.records.refused(ticket.terms, why);
  }

  counted({ symbol }: LiveTicket, { check, reason }: IntentRefusal): void {
    this.ports.ledger.hold(`refused:${check}`, symbol, this.desk.now, this.intervalMs, reason);
  }

  private wanted(
    intent: ListedIntent & Pick<NamedIntent, 'isWhole'>,
    { terms }: LiveTicket,
    kept: KeptPlace | undefined,
  ): NamedIntent {
    const named = { ...intent, strategy: this.strategy, instance: this.desk.tickets.instance, nth: terms.nth ?? 0 };
    return kept === undefined ? named : { ...named, kept };
  }

  private go({ wanted, ticket }: Sendable): LiveTicket {
    const { portfolio, indicators, coordinator } = this.ports;
    const { now, symbol, records } = this.desk;
    const snapshot = indicators.snapshot(symbol, now);
    records.sends([ticket.terms]);
    const submission = coordinator.executeIntent?.(wanted, portfolio.lastMark(symbol), now, snapshot);
    records.handedOver();
    return this.told(ticket, submission ?? UNSUPPORTED);
  }

  private told(ticket: LiveTicket, submission: Submission): LiveTicket {
    if (submission.outcome !== 'submitted') return this.refused(ticket, refusalOf(submission));
    const order = this.ports.log.find(submission.clientId);
    if (order !== undefined) this.desk.tickets.took(ticket, order);
    for (const cut of [ticket.terms.cut, submission.cut])
      if (cut !== undefined) this.ports.ledger.cut?.(cut, ticket.symbol, this.desk.now);
    return ticket;
  }

  private refused(ticket: LiveTicket, why: IntentRefusal): LiveTicket {
    this.turnedAway(ticket, why);
    this.refusals += 1;
    this.judge.refused(this.desk.now);
    this.desk.asked.refused(ticket, why);
    this.counted(ticket, why);
    return ticket;
  }

  private loose(intent: Intent): LiveTicket {
    return this.desk.tickets.loose({ ...intent, createdAt: this.desk.now }, this.refusals + 1);
  }
}
