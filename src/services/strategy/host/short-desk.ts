import type { Decision } from '../../../domain/decision.js';
import type { Intent, IntentList, OrderFilter } from '../../../ports/strategy/intent.js';
import type { IntentRefusal, OrderTicket } from '../../../ports/strategy/order-ticket.js';
import type { StrategyDesk } from '../../../ports/strategy/strategy-desk.js';

/** The desk as the short form has it: a ticket is there before its order is, and the order of a decision has one. */
export interface ShortDesk extends StrategyDesk {
  /** What is being told; empty while what was asked before is carried out by itself. */
  handler: string;
  /** `planned` is the ticket that the order gets; absent: a new one. */
  place(intent: Intent, planned?: OrderTicket): OrderTicket;
  /** `planned`: the tickets that the first of the list get. */
  placeList(list: IntentList, planned?: readonly OrderTicket[]): readonly OrderTicket[];
  /** A ticket for what is sent later, or for what is not sent at all: that one says why. */
  plan(intent: Intent, refusal?: IntentRefusal): OrderTicket;
  /** The decision of this step is what was asked under this ticket: the order that it becomes is the ticket's. */
  decides(ticket: OrderTicket, decision: Decision): void;
  /** What was planned is not sent any more: it has expired, or was turned away. */
  drop(ticket: OrderTicket, why: string | IntentRefusal): void;
  /** A way out at market has left something open, and goes on by itself. */
  readonly isClosing: boolean;
  /** Orders may sleep at the venue until another fills; where none may, they are sent with its fills. */
  readonly hasBrackets: boolean;
  /** Own orders that may still execute: those of decisions, and the stops that the bot keeps, are among them. */
  allOpen(filter?: OrderFilter): readonly OrderTicket[];
  /** The same of the newest of a tag. */
  findAny(tag: string): OrderTicket | undefined;
}
