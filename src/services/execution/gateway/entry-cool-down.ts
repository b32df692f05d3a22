import { REJECT_REASONS } from '../../../border/words.js';
import { isTerminal } from '../../../domain/order-state.js';
import type { Order } from '../../../domain/order.js';
import { backoffMs } from '../../../flow/backoff.js';
import { heldReason } from '../../../flow/left-alone.js';
import type { Logger } from '../../../ports/configuration/logger.js';
import { UNLIMITED } from '../../../flow/unlimited-requests.js';
import type { RequestBudget } from '../../../ports/core-services/request-budget.js';
import type { OrderLog } from '../../../ports/core-services/execution.js';
import { checkOf } from '../orders/order-metrics.js';

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 900_000;

/** In a row, of one symbol. */
interface Refusals {
  readonly count: number;
  readonly until: number;
}

/**
 * Entries that a venue does not take wait longer after each of them, until one fills. Folded from the orders, so that
 * a restart is no fresh start.
 */
export class EntryCoolDown {
  private readonly symbols = new Map<string, Refusals>();
  private folded = false;

  constructor(
    private readonly log: OrderLog,
    private readonly logger: Logger,
    private readonly budget: Pick<RequestBudget, 'heldUntil'> = UNLIMITED,
  ) {
    log.onChange((order, previous) => {
      if (!this.folded || order.request.reduceOnly || order.status === previous?.status) return;
      // Refused before it was sent: not by the venue.
      if (previous?.status === 'planned' && order.status === 'rejected') return;
      if (this.take(order)) this.tell(order.request.symbol, order.reason ?? order.status);
    });
  }

  /** Why an entry waits, or what `reduces`; undefined when it need not. */
  objection(symbol: string, now: number, reduces = false): string | undefined {
    const held = this.budget.heldUntil(now, reduces ? 'protection' : 'entry');
    if (held !== undefined) return heldReason(held);
    if (reduces) return undefined;
    if (!this.folded) this.fold();
    const refusals = this.symbols.get(symbol);
    if (refusals === undefined || !(now < refusals.until)) return undefined;
    return `The venue has not taken ${refusals.count} entries of ${symbol} in a row; the next one waits until ${new Date(refusals.until).toISOString()}.`;
  }

  private fold(): void {
    this.folded = true;
    const orders = [...this.log.all()].filter(({ request }) => !request.reduceOnly);
    orders.sort((a, b) => a.createdAt - b.createdAt);
    for (const order of orders) this.take(order);
  }

  /** True when it was one more that was not taken. */
  private take(order: Order): boolean {
    const { symbol } = order.request;
    if (order.filled > 0) this.symbols.delete(symbol);
    if (!isNotTaken(order)) return false;
    const count = (this.symbols.get(symbol)?.count ?? 0) + 1;
    const until = order.updatedAt + backoffMs(count, FIRST_PAUSE_MS, LONGEST_PAUSE_MS);
    this.symbols.set(symbol, { count, until });
    return true;
  }

  private tell(symbol: string, reason: string): void {
    const { count, until } = this.symbols.get(symbol) as Refusals;
    const next = new Date(until).toISOString();
    this.logger.warn('The venue does not take entries; the next one waits', { symbol, reason, in_a_row: count, next });
  }
}

/**
 * Ended with nothing filled, and not because somebody here wanted it so. A limit that finds nobody ends as it was asked
 * to, whether it was not to rest, not to take, or was cancelled.
 */
function isNotTaken(order: Order): boolean {
  const { status, filled, request } = order;
  if (filled > 0 || !isTerminal(status)) return false;
  switch (status) {
    case 'rejected':
      return REJECT_REASONS.has(checkOf(order)) && checkOf(order) !== 'post_only_would_take';
    case 'rejected_late':
    case 'lost':
      return true;
    case 'expired':
    case 'cancelled':
      return request.type === 'market';
    default:
      return false;
  }
}
