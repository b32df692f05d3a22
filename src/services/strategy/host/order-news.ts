import type { Order, OrderStatus } from '../../../domain/order.js';
import type { AmendNews } from '../../../ports/core-services/execution.js';
import type { OrderUpdate } from '../../../ports/strategy/event-strategy.js';
import type { OrderTicket } from '../../../ports/strategy/order-ticket.js';

const CAUSES: Readonly<Record<OrderStatus, OrderUpdate['cause'] | undefined>> = {
  // Our own doing: the ticket said so already.
  planned: undefined,
  sending: undefined,
  unknown: 'unknown',
  open: 'accepted',
  partially_filled: 'filled',
  filled: 'filled',
  cancelled: 'cancelled',
  expired: 'expired',
  rejected: 'rejected',
  rejected_late: 'rejected',
  lost: 'lost',
  liquidated: 'liquidated',
};

/** What a change of an order is to its strategy; undefined for what it need not hear. */
export function updateOf(ticket: OrderTicket, order: Order, previous: Order | undefined): OrderUpdate | undefined {
  const cause = causeOf(order, previous);
  if (cause === undefined) return undefined;
  return { ticket, previous: previous?.status ?? 'planned', cause, reason: order.reason, at: order.updatedAt };
}

/** A change of it that was on its way, or waited, is not made. */
export const changeRefused = (
  ticket: OrderTicket,
  { status, updatedAt }: Order,
  { check = 'other', reason }: Pick<AmendNews, 'check' | 'reason'>,
): OrderUpdate => ({
  ...{ ticket, previous: status, cause: 'amend_refused', at: updatedAt },
  reason: reason === undefined ? check : `${check}: ${reason}`,
});

function causeOf(order: Order, previous: Order | undefined): OrderUpdate['cause'] | undefined {
  if (previous === undefined) return undefined;
  if (order.filled !== previous.filled) return 'filled';
  if (order.status === previous.status) return hasOtherTerms(order, previous) ? 'amended' : undefined;
  if (previous.status === 'unknown' && order.status !== 'lost') return 'resolved';
  return CAUSES[order.status];
}

const hasOtherTerms = ({ request }: Order, { request: before }: Order): boolean =>
  request !== before &&
  (request.lots !== before.lots || request.limit !== before.limit || request.stop !== before.stop);
