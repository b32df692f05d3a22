import { closesPosition, type Order } from '../../../domain/order.js';
import { advance, type OrderStatus, type SendingReport, type StatusReport } from '../../../domain/order-state.js';

/**
 * The order after a venue's news, with the tolerance that several unordered channels need. Returns the same value when
 * the news says nothing new; throws `ORDER-001` for a step that no order of events explains.
 */
export function nextOf(order: Order, report: StatusReport | SendingReport): Order {
  // Proven dead, and now the venue says that it was never alive.
  if (order.status === 'lost' && report.status === 'rejected') return order;
  const status = meaningOf(order, report.status);
  let current = order;
  for (const step of stepsBefore(order.status, status)) current = advance(current, { status: step, at: report.at });
  return advance(current, status === report.status ? report : { ...report, status });
}

/**
 * Quantity moves an order through its fills, so "filled" and "partially filled" by name only prove that the venue has
 * it: exposure must not be released before the fills have reached the position. What closes the position has no
 * quantity and reserves nothing: it is filled when the venue says so after a fill. A refusal after acceptance is late.
 */
function meaningOf({ status: current, filled, request }: Order, reported: OrderStatus): OrderStatus {
  if (reported === 'filled' && filled > 0 && closesPosition(request)) return reported;
  if (reported === 'filled' || reported === 'partially_filled') return 'open';
  const accepted = current === 'open' || current === 'partially_filled';
  if (reported === 'rejected' && accepted) return 'rejected_late';
  if (reported === 'rejected_late' && !accepted) return 'rejected';
  return reported;
}

/** Stages that news may skip because their own message is late or was never sent. */
function stepsBefore(current: OrderStatus, next: OrderStatus): readonly OrderStatus[] {
  if (current === 'planned' && next !== 'planned' && next !== 'sending' && next !== 'rejected' && next !== 'lost') {
    return next === 'liquidated' ? ['sending', 'open'] : ['sending'];
  }
  if (current === 'sending' && next === 'lost') return ['unknown'];
  if ((current === 'sending' || current === 'unknown') && next === 'liquidated') return ['open'];
  return [];
}
