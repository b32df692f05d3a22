import type { Decimal } from '../../domain/decimal.js';
import type { OrderRole, OrderStatus, OrderType, Side } from '../../domain/order.js';
import type { Lots, Ticks } from '../../domain/units.js';
import type { Why } from './intent.js';

/** Why the bot itself turned an intent away, before anything was sent. `check` is a stable word, as of order rules. */
export interface IntentRefusal {
  readonly check: string;
  readonly reason: string;
  /** False: asking again with the same terms cannot help until something else changes. */
  readonly isTransient: boolean;
}

/** `refused` is the bot's own word and was never sent; all others are those of an order. */
export type TicketStatus = 'refused' | OrderStatus;

/** Other terms for an order; what is absent stays. Prices are rounded as those of a new order. */
export interface TicketChange {
  readonly limit?: number | Decimal;
  readonly stop?: number | Decimal;
  /** The whole size, what has filled included. At or below what has filled, the rest is cancelled. */
  readonly quantity?: number | Decimal;
}

/** What became of the wish at once. What becomes of the change shows on the ticket, and is told by `onOrder`. */
export type ChangeAsk =
  /** `unchanged`: the terms are so already. `queued`: it follows a change that is on its way; the newest wins. */
  | { readonly outcome: 'asked' | 'unchanged' | 'queued' }
  | { readonly outcome: 'refused'; readonly refusal: IntentRefusal };

/**
 * `protects`: it stays, because nothing else protects the position as much. `locked`: it stays, because in LOCKED
 * nothing is sent.
 */
export type CancelAsk = 'asked' | 'not_open' | 'protects' | 'locked';

/**
 * One order of a strategy, from the intent to its end: a live object, the same one for the whole life, and (looked up
 * by tag) through a restart. Read it whenever you like; compare by identity.
 */
export interface OrderTicket {
  /** Unique for ever in this journal. Not the client id. */
  readonly id: string;
  /** The strategy's own name for it: how it is found again after a restart. */
  readonly tag: string;
  readonly role: OrderRole;
  readonly symbol: string;
  readonly side: Side;
  readonly type: OrderType;
  readonly status: TicketStatus;
  /** May still execute: planned, sending, unknown, open or partially filled. */
  readonly isOpen: boolean;
  /** Nothing more is expected of it; a late fill still counts. */
  readonly isDone: boolean;
  /** Its outcome is not known: its exposure stays reserved, and nothing is added to the symbol. */
  readonly isUnknown: boolean;
  /** A change or a cancellation of it is on its way. */
  readonly isChanging: boolean;
  readonly quantity: Decimal;
  readonly filled: Decimal;
  readonly remaining: Decimal;
  /** Share filled, 0 to 1. */
  readonly progress: number;
  /** Of what has filled; undefined before the first fill. Informs, is never paid. */
  readonly averagePrice: number | undefined;
  readonly limit: number | undefined;
  readonly stop: number | undefined;
  readonly lots: Lots;
  readonly filledLots: Lots;
  readonly limitTicks: Ticks | undefined;
  readonly stopTicks: Ticks | undefined;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly why: string;
  /** Set when the bot turned it away. */
  readonly refusal: IntentRefusal | undefined;
  /** The venue's reason for a rejection, an expiry, a cancellation; the bot's for a loss. */
  readonly reason: string | undefined;
  /** Exits of a bracket; empty for all others. */
  readonly children: readonly OrderTicket[];
  /** Asks for other terms. `isChanging` until it is known what became of it; then the terms say it. */
  amend(change: TicketChange & Why): ChangeAsk;
  /** Asks for its end. Harmless when it has ended. */
  cancel(why: string): CancelAsk;
}
