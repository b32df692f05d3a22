import type { Decision } from '../../../../domain/decision.js';
import type { MarkUnits } from '../../../../domain/units.js';
import type { Order, OrderChange } from '../../../../domain/order.js';
import type { Payload } from '../../../../ports/storage/event-store.js';
import type { IntentRefusal } from '../../../../ports/strategy/order-ticket.js';
import type { DeskPorts } from '../desk-ports.js';
import type { LiveTicket } from '../live-ticket.js';
import { changeFacts, factsOf, reasonsOf, shownFacts, termsOf, type Wish } from './intent-facts.js';
import { SampledRecords } from './sampled-records.js';

const INTENT = 'strategy_intent';
const REFUSAL = 'strategy_refusal';
/** Orders that go on with what another has left are the coordinator's. */
const REST = 'the rest of: ';

/** Who asks, and while what is being told: every record says so. */
export interface RecordedEvent {
  /** The strategy and what it trades: `name@SYMBOL`. */
  readonly instance: string;
  readonly symbol: string;
  /** The handler that asks; empty for what goes on by itself. */
  readonly handler: string;
  readonly now: number;
  /** Of the step that is told; undefined: the account's newest. */
  readonly shownMark: MarkUnits | undefined;
  /** It has been taken down, and its journal may be closed: nobody hears of what it is refused. */
  readonly isOver?: boolean;
}

export type RecordPorts = Pick<DeskPorts, 'journal' | 'portfolio' | 'catalogue'>;

/**
 * Writes down what a strategy asks for and what is turned away. An intent is written when its order is reserved: after
 * every check of the bot, and before the order's own record, which is durable before the first byte leaves and takes
 * this one to the disk with it. What is turned away is written once a minute of each kind, with how many were not.
 */
export class IntentRecords {
  private readonly refusals = { place: new SampledRecords(), amend: new SampledRecords() };
  private wishes: readonly Wish[] = [];
  private decision: Decision | undefined;
  private decided: Wish | undefined;
  private change: { readonly ticket: LiveTicket; readonly change: OrderChange; readonly why: string } | undefined;

  constructor(
    private readonly event: RecordedEvent,
    private readonly ports: RecordPorts,
  ) {}

  /** These are handed over now, until `handedOver`. */
  sends(wishes: readonly Wish[]): void {
    if (this.isKept) this.wishes = wishes;
  }

  /** This decision is handed over, likewise; `wish` is what it was asked under, where a verb did. */
  decides(decision: Decision, wish: Wish | undefined): void {
    if (!this.isKept) return;
    this.decision = decision;
    this.decided = wish;
  }

  /** The decision that is handed over was turned away. */
  decisionRefused(refusal: IntentRefusal): void {
    const { decision } = this;
    if (decision === undefined || !this.passes('place', refusal)) return;
    const { action, reason: why, values } = decision;
    const role = action === 'close' ? 'exit' : 'entry';
    const asked = { verb: 'decide', role, ...(action === 'close' ? {} : { side: action }), why };
    this.refusal('place', refusal, { ...asked, ...(values === undefined ? {} : { values: { ...values } }) });
  }

  handedOver(): void {
    this.wishes = [];
    this.decision = undefined;
    this.decided = undefined;
  }

  /** An order has been reserved and has not left. One that takes another's place was asked for as a change of that. */
  reserved(order: Order): void {
    const { origin, replaces, request } = order;
    if (!this.isKept || replaces !== undefined || origin === undefined) return;
    if (origin.asked !== undefined) {
      const { tag, nth } = origin.asked;
      const wish = this.wishes.find((each) => each.tag === tag && each.nth === nth);
      // What a close has left is sent again by itself, under its tag.
      this.intent(wish === undefined ? 'rest' : 'place', order, wish, {});
    } else if (this.decision !== undefined && !origin.reason.startsWith(REST)) {
      const { decided } = this;
      const tag = decided === undefined ? {} : { tag: decided.tag };
      this.intent('decide', order, decided, { role: request.reduceOnly ? 'exit' : 'entry', ...tag });
    }
  }

  /** Other terms for an order are asked for now, until `changeAsked`. */
  changes(ticket: LiveTicket, change: OrderChange, why: string): void {
    if (this.isKept) this.change = { ticket, change, why };
  }

  /** The change of an order has been reserved and has not left. */
  changeReserved(): void {
    const { change } = this;
    if (change === undefined) return;
    this.change = undefined;
    this.write(INTENT, { verb: 'amend', ...changeFacts(change.ticket, change.change), why: change.why });
  }

  /** One that waits for another leaves later, and is not asked for again. */
  changeAsked(isQueued: boolean): void {
    if (isQueued) this.changeReserved();
    this.change = undefined;
  }

  /** The end of an order, before it is asked for. */
  ends(ticket: LiveTicket, why: string): void {
    if (this.isKept) this.write(INTENT, { verb: 'cancel', ...changeFacts(ticket, {}), why });
  }

  refused(terms: Wish, refusal: IntentRefusal): void {
    if (this.passes('place', refusal)) this.refusal('place', refusal, { ...termsOf(terms), ...reasonsOf(terms) });
  }

  changeRefused(ticket: LiveTicket, change: OrderChange, why: string, refusal: IntentRefusal): void {
    if (this.passes('amend', refusal)) this.refusal('amend', refusal, { ...changeFacts(ticket, change), why });
  }

  /** Nothing is kept where nobody could read it. */
  private get isKept(): boolean {
    return this.ports.journal.discards !== true;
  }

  private intent(verb: 'place' | 'rest' | 'decide', order: Order, wish: Wish | undefined, more: Payload): void {
    const sent = factsOf(order);
    const asked = wish === undefined ? sent : termsOf(wish);
    const isCut = asked['quantity'] !== undefined && asked['quantity'] !== sent['quantity'];
    this.write(INTENT, {
      ...{ verb, client_id: order.request.clientId, ...sent, ...asked, ...more },
      ...(isCut ? { sent_quantity: sent['quantity'] } : {}),
      ...(wish === undefined ? { why: order.origin?.reason ?? '' } : reasonsOf(wish)),
    });
  }

  private passes(verb: 'place' | 'amend', { check }: IntentRefusal): boolean {
    return this.isKept && this.event.isOver !== true && this.refusals[verb].take(check, this.event.now);
  }

  private refusal(verb: 'place' | 'amend', { check, reason }: IntentRefusal, asked: Payload): void {
    const { suppressed } = this.refusals[verb];
    this.write(REFUSAL, { check, reason, verb, ...asked, suppressed });
  }

  private write(type: string, payload: Payload): void {
    const { instance, symbol, handler, now, shownMark } = this.event;
    const shown = shownFacts(symbol, shownMark, this.ports);
    this.ports.journal.append(type, { instance, symbol, handler, instant: now, ...shown, ...payload });
  }
}
