import type { Market } from '../core/market.js';
import type { OrderDesk } from './order-desk.js';

const NEVER = Number.POSITIVE_INFINITY;

/**
 * Ends the orders of a market whose time is over at `at`: good-till orders at their instant, all of them when a
 * countdown has run out.
 */
export function endByTime(desk: OrderDesk, market: Market, at: number): void {
  const { book } = market;
  const { due } = book;
  const countdownOver = due.deadManAt <= at || due.accountDeadManAt <= at;
  if (due.deadManAt <= at) due.set('deadManAt', NEVER);
  if (due.accountDeadManAt <= at) due.set('accountDeadManAt', NEVER);
  for (const order of [...book.all()].sort((a, b) => a.seq - b.seq)) {
    const { goodTill = NEVER } = order.request.options ?? {};
    if (!order.isOpen) continue;
    if (goodTill <= at) desk.end(market, order, 'expired', 'good_till: its time is over', at);
    else if (countdownOver) desk.end(market, order, 'cancelled', 'dead_man: the countdown was not renewed', at);
  }
}
