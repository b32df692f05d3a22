import { messageOf } from '../../../domain/errors.js';
import { isTerminal, protects } from '../../../domain/order-state.js';
import { closesPosition, type OrderChange } from '../../../domain/order.js';
import type { Position } from '../../../domain/position.js';
import type { CancelAsk, ChangeAsk, IntentRefusal } from '../../../ports/strategy/order-ticket.js';
import type { DeskPorts } from './desk-ports.js';
import { changedSideObjection } from './exit-sides.js';
import { refusal, refusalBy, type OwnCheck } from './intent-checks.js';
import type { LiveTicket } from './live-ticket.js';
import type { IntentRecords } from './records/intent-records.js';
import type { TicketBook } from './ticket-book.js';

/** The tag of the orders that close. */
export const CLOSE = 'close';

/** What a strategy asks of orders that it has: other terms, and their end. */
export class TicketChanges {
  constructor(
    private readonly tickets: TicketBook,
    private readonly ports: DeskPorts,
    private readonly records: IntentRecords,
    private readonly positionOf: (symbol: string) => Position,
  ) {}

  amend(ticket: LiveTicket, change: OrderChange, now: number, why: string): ChangeAsk {
    const { order } = ticket;
    if (ticket.isUnsent) return refused('changing', `${ticket.tag} has not been sent yet: ask for it anew.`);
    if (order === undefined || ticket.isDone) return refused('not_open', `${ticket.tag} is not open.`);
    if (isKept(ticket))
      return refused('kept', 'The bot keeps this stop where its position is to be left: say otherwise with exits.');
    if (ticket.isUnknown) return refused('changing', `What became of ${ticket.tag} is not known yet.`);
    if (ticket.isEnding) return refused('changing', `${ticket.tag} is being cancelled.`);
    const side = changedSideObjection(order, change, this.ports.log, this.ports.portfolio.lastMark(ticket.symbol));
    if (side !== undefined) return declined(side);
    // The ticket's size is the whole of it; an order that replaced another has the rest alone.
    const size = change.lots === undefined ? undefined : ticket.ownLots(change.lots);
    this.records.changes(ticket, change, why);
    const asked = this.ports.coordinator.amend?.(
      order.request.clientId,
      { ...change, ...(size === undefined ? {} : { lots: size }) },
      now,
    );
    this.records.changeAsked(asked?.outcome === 'queued');
    if (asked === undefined)
      return refused('unsupported', 'The execution coordinator that is bound changes no orders.');
    if (asked.outcome !== 'refused') return { outcome: asked.outcome };
    return declined(refusalBy(asked.check, asked.reason));
  }

  withdraw(ticket: LiveTicket, why: string): CancelAsk {
    const { order } = ticket;
    if (ticket.isUnsent) {
      ticket.drop('cancelled', why);
      return 'asked';
    }
    if (order === undefined || ticket.isDone) return 'not_open';
    if (isKept(ticket)) return 'protects';
    if (isProtecting(ticket) && this.protectsAlone(ticket)) return 'protects';
    // Nothing is sent but the end of what could add.
    if (this.ports.safety.state === 'LOCKED' && !isEntry(ticket)) return 'locked';
    this.records.ends(ticket, why);
    ticket.isEnding = true;
    this.ports.pending.track(this.end(ticket, order.request.clientId));
    return 'asked';
  }

  isLeaving(symbol: string): boolean {
    const { log } = this.ports;
    if (this.positionOf(symbol).lots !== 0) return false;
    const sleeps = (after: string | undefined): boolean => {
      const entry = after === undefined ? undefined : log.find(after);
      return entry !== undefined && !isTerminal(entry.status);
    };
    return log
      .open()
      .some(({ request }) => request.symbol === symbol && request.reduceOnly && !sleeps(request.options?.after));
  }

  private async end(ticket: LiveTicket, clientId: string): Promise<void> {
    const { coordinator, logger } = this.ports;
    try {
      await coordinator.withdraw?.(clientId);
    } catch (error) {
      logger.warn('An order could not be cancelled', { client_order_id: clientId, error: messageOf(error) });
    } finally {
      ticket.isEnding = false;
    }
  }

  /** Nothing else that rests protects the position as much, and as near. */
  private protectsAlone(ticket: LiveTicket): boolean {
    const held = Math.abs(this.positionOf(ticket.symbol).lots);
    if (held === 0) return false;
    const towards = ticket.side === 'sell' ? 1 : -1;
    let others = 0;
    for (const other of this.ports.log.open()) {
      const { request, status } = other;
      if (other === ticket.order || request.symbol !== ticket.symbol || request.side !== ticket.side) continue;
      const stands = protects(request) && (status === 'open' || status === 'partially_filled');
      const isNear =
        ticket.stopTicks === undefined ||
        (request.stop !== undefined && (request.stop - ticket.stopTicks) * towards >= 0);
      if (stands && isNear && this.tickets.of(other)?.isEnding !== true)
        others += closesPosition(request) ? held : request.lots - other.filled;
    }
    return others < held;
  }
}

export const isProtecting = ({ order }: LiveTicket): boolean => order !== undefined && protects(order.request);

/** A stop that the bot keeps by itself, also one that sleeps behind an entry. */
const isKept = ({ terms, role }: LiveTicket): boolean => terms.nth === undefined && role === 'stop';

/** The answer to a change that is not asked for. */
export const declined = (why: IntentRefusal): ChangeAsk => ({ outcome: 'refused', refusal: why });
const refused = (check: OwnCheck, reason: string): ChangeAsk => declined(refusal(check, reason));

/** What may add, now or when it fills. */
export const isEntry = ({ role }: LiveTicket): boolean => role !== 'stop' && role !== 'exit' && role !== 'take_profit';
