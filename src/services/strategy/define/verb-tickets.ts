import type { Instrument } from '../../../domain/instrument.js';
import type { OrderRole, Side, Values } from '../../../domain/order.js';
import { lots, type Lots } from '../../../domain/units.js';
import type { OrderTicket } from '../../../ports/strategy/order-ticket.js';
import { refusal, type OwnCheck } from '../host/intent-checks.js';
import { LiveTicket, type ExitPlan, type TicketHands } from '../host/live-ticket.js';
import type { ShortDesk } from '../host/short-desk.js';

/** What a verb asks for, as far as its ticket shows it before there is an order. */
export interface AskedTerms {
  readonly side: Side;
  readonly role: OrderRole;
  readonly tag: string;
  readonly why: string;
  readonly values?: Values;
  readonly lots?: Lots;
  readonly plan?: ExitPlan;
}

/** Nobody is there who could carry anything out. */
const NO_HANDS: TicketHands = {
  change: () => ({ outcome: 'refused', refusal: refusal('unsupported', 'No strategy host tells this strategy.') }),
  end: () => 'not_open',
};

/** The tickets that verbs answer with before, or in place of, an order. */
export class VerbTickets {
  constructor(
    private readonly instrument: Instrument,
    private readonly strategy: string,
  ) {}

  /** Of what is sent later, or as a decision. */
  planned(desk: ShortDesk | undefined, terms: AskedTerms): OrderTicket {
    return this.made(desk, terms);
  }

  /** Of what is not sent: `known` is the ticket it has already. */
  refused(
    desk: ShortDesk | undefined,
    terms: AskedTerms,
    check: OwnCheck,
    reason: string,
    known?: OrderTicket,
  ): OrderTicket {
    if (known === undefined) return this.made(desk, terms, { check, reason });
    desk?.drop(known, refusal(check, reason));
    return known;
  }

  private made(
    desk: ShortDesk | undefined,
    terms: AskedTerms,
    why?: { readonly check: OwnCheck; readonly reason: string },
  ): OrderTicket {
    const { instrument } = this;
    const turnedAway = why === undefined ? undefined : refusal(why.check, why.reason);
    const intent = { lots: lots(0), ...terms, instrument, type: 'market' } as const;
    if (desk !== undefined) return desk.plan(intent, turnedAway);
    const id = `${this.strategy}@${instrument.symbol}/${terms.tag}`;
    const ticket = new LiveTicket({ ...intent, id, createdAt: 0 }, NO_HANDS);
    ticket.refusal = turnedAway;
    return ticket;
  }
}
