import { fault } from './errors.js';
import { countedIn } from './instrument.js';
import {
  closesPosition,
  hasTrigger,
  type Fill,
  type Order,
  type OrderStatus,
  type OrderTerms,
  type VenueOrderId,
} from './order.js';
import { lots, units, type Lots, type Ticks } from './units.js';

export type { OrderStatus } from './order.js';

/** Nothing more is expected of it; a late fill still applies (the venue's truth wins). */
export function isTerminal(status: OrderStatus): boolean {
  switch (status) {
    case 'planned':
    case 'sending':
    case 'unknown':
    case 'open':
    case 'partially_filled':
      return false;
    default:
      return true;
  }
}

/** Its outcome is known: refused, lost, or taken by the venue and whatever became of it there. */
export const isSettled = ({ status }: Pick<Order, 'status'>): boolean =>
  status !== 'planned' && status !== 'sending' && status !== 'unknown';

/**
 * Reduces, waits for its trigger, and is cut by the venue to what is left to reduce: a stop that protects a position.
 * It takes no room from a close that is sent now. Spot markets have no such orders.
 */
export const standsBy = ({ request, filled }: Pick<Order, 'request' | 'filled'>): boolean =>
  request.reduceOnly && hasTrigger(request.type) && filled === 0 && request.instrument.spec.kind !== 'spot';

/** Can only reduce a position, once the price goes against it: an order of protection. A take-profit is none. */
export const protects = ({ reduceOnly, type }: Pick<OrderTerms, 'reduceOnly' | 'type'>): boolean =>
  reduceOnly && (type === 'stop_market' || type === 'stop_limit' || type === 'trailing_stop');

/** Spot markets have no reduce-only orders, and a sale adds nothing there. */
export const canOnlyReduce = ({
  reduceOnly,
  side,
  instrument,
}: Pick<OrderTerms, 'reduceOnly' | 'side' | 'instrument'>): boolean =>
  reduceOnly || (instrument.spec.kind === 'spot' && side === 'sell');

/** What may follow what. A fill moves an order by quantity, not by this table. */
const NEXT: Readonly<Record<OrderStatus, readonly OrderStatus[]>> = {
  planned: ['sending', 'rejected', 'lost'],
  sending: ['open', 'partially_filled', 'filled', 'rejected', 'unknown', 'cancelled', 'expired'],
  unknown: ['open', 'partially_filled', 'filled', 'cancelled', 'expired', 'rejected', 'lost'],
  open: ['partially_filled', 'filled', 'cancelled', 'expired', 'rejected_late', 'liquidated'],
  partially_filled: ['filled', 'cancelled', 'expired', 'rejected_late', 'liquidated'],
  filled: [],
  cancelled: [],
  expired: [],
  rejected: [],
  rejected_late: [],
  lost: [],
  liquidated: [],
};

export const mayFollow = (from: OrderStatus, to: OrderStatus): boolean => NEXT[from].includes(to);

/** Venue news about an order: a status, never older than what is known. */
export interface StatusReport {
  readonly status: OrderStatus;
  readonly at: number;
  readonly venueId?: VenueOrderId;
  readonly reason?: string;
}

/** Our own word of an order that leaves. */
export interface SendingReport extends StatusReport {
  readonly status: 'sending';
  /** See `Order.collar`. */
  readonly collar?: Ticks;
}

/**
 * Applies a status. Returns the same value when the report says nothing new (same status, or an older stage that
 * arrived late: an acknowledgement after a fill never moves an order back). Throws `ORDER-001` for a step that no
 * sequence of venue events explains.
 */
export function advance(order: Order, report: StatusReport | SendingReport): Order {
  const venueIds = withId(order.venueIds, report.venueId);
  if (report.status === order.status || isLate(order.status, report.status)) {
    return venueIds === order.venueIds ? order : { ...order, venueIds };
  }
  if (!mayFollow(order.status, report.status)) {
    throw fault('ORDER-001', `Order ${order.request.clientId} must not go from ${order.status} to ${report.status}.`);
  }
  const { reason } = report;
  const collar = report.status === 'sending' && 'collar' in report ? report.collar : undefined;
  const next: Order = { ...order, status: report.status, venueIds, updatedAt: Math.max(order.updatedAt, report.at) };
  if (reason === undefined && collar === undefined) return next;
  return { ...next, ...(reason === undefined ? {} : { reason }), ...(collar === undefined ? {} : { collar }) };
}

/**
 * Applies one fill: quantity decides between partially filled and filled. A fill after an end is kept and reported. An
 * order that closes the position has no size to reach: the venue says when it is filled.
 * `size` is that of the fill in lots of the order, where the fill was measured on another grid.
 */
export function applyFill(order: Order, fill: Fill, size: Lots = fill.lots): Order {
  const filled = lots(order.filled + size);
  const isOpenEnded = closesPosition(order.request);
  if (filled > order.request.lots && !isOpenEnded) {
    throw fault(
      'ORDER-001',
      `Order ${order.request.clientId} must not fill more than ${order.request.lots} lots, was ${filled}.`,
    );
  }
  // On the fill's own grid, in the order's money.
  const own = countedIn(fill.instrument, order.request.instrument.unit);
  const filledNotional = units(order.filledNotional + own.notional(fill.price, fill.lots));
  const isComplete = filled === order.request.lots && !isOpenEnded;
  const status = isComplete ? 'filled' : isTerminal(order.status) ? order.status : 'partially_filled';
  return {
    ...order,
    filled,
    filledNotional,
    status,
    venueIds: withId(order.venueIds, fill.venueId),
    updatedAt: Math.max(order.updatedAt, fill.at),
  };
}

const STAGE: Readonly<Record<OrderStatus, number>> = {
  planned: 0,
  sending: 1,
  unknown: 1,
  open: 2,
  partially_filled: 3,
  filled: 4,
  cancelled: 4,
  expired: 4,
  rejected: 4,
  rejected_late: 4,
  lost: 4,
  liquidated: 4,
};

/** News of an earlier stage that arrives after a later one, in whatever order the venue's channels deliver. */
function isLate(current: OrderStatus, reported: OrderStatus): boolean {
  if (STAGE[reported] < STAGE[current]) return true;
  return isTerminal(current) && (reported === 'cancelled' || reported === 'expired' || reported === 'filled');
}

function withId(ids: readonly VenueOrderId[], id: VenueOrderId | undefined): readonly VenueOrderId[] {
  return id === undefined || ids.includes(id) ? ids : [...ids, id];
}
