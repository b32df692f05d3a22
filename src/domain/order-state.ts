import { fault } from './errors.js';
import { countedIn } from './instrument.js';
import {
  closesPosition,
  hasTrigger,
  OrderRequest,
  remaining,
  type Fill,
  type Order,
  type OrderChange,
  type OrderStatus,
  type OrderTerms,
  type VenueOrderId,
} from './order.js';
import { lots, ticks, units, type Lots, type Ticks } from './units.js';

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

/** Nobody needs to ask: its outcome is known, and that of every change of it. */
export const isKnown = (order: Pick<Order, 'status' | 'changing'>): boolean =>
  order.changing === undefined && isSettled(order);

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

/** May stand at the venue while nobody is there, and open or add when it fills. */
export function canRestAndIncrease(
  terms: Pick<OrderTerms, 'type' | 'timeInForce' | 'reduceOnly' | 'side' | 'instrument'>,
): boolean {
  if (terms.type === 'market' || canOnlyReduce(terms)) return false;
  return hasTrigger(terms.type) || (terms.timeInForce !== 'IOC' && terms.timeInForce !== 'FOK');
}

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
  // More than was asked for at first proves that a change of it has been applied.
  const request = filled > order.request.lots ? enlarged(order) : order.request;
  if (filled > request.lots && !isOpenEnded) {
    throw fault(
      'ORDER-001',
      `Order ${order.request.clientId} must not fill more than ${request.lots} lots, was ${filled}.`,
    );
  }
  // On the fill's own grid, in the order's money.
  const own = countedIn(fill.instrument, order.request.instrument.unit);
  const filledNotional = units(order.filledNotional + own.notional(fill.price, fill.lots));
  const isComplete = filled === request.lots && !isOpenEnded && !(request === order.request && mayGrow(order));
  const status = isComplete ? 'filled' : isTerminal(order.status) ? order.status : 'partially_filled';
  return {
    ...order,
    request,
    filled,
    filledNotional,
    status,
    venueIds: withId(order.venueIds, fill.venueId),
    updatedAt: Math.max(order.updatedAt, fill.at),
  };
}

const mayGrow = ({ request, changing }: Order): boolean => (changing?.lots ?? 0) > request.lots;

const enlarged = (order: Order): OrderRequest =>
  order.changing !== undefined && mayGrow(order) ? changedTerms(order.request, order.changing) : order.request;

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

/** The largest size that the order may have at the venue, for all that anybody knows. */
export const mostLots = ({ request, changing }: Pick<Order, 'request' | 'changing'>): Lots =>
  lots(Math.max(request.lots, changing?.lots ?? 0));

/** What may still fill of it, under the larger of its terms while a change of it is on its way. */
export const reservedLots = (order: Pick<Order, 'request' | 'filled' | 'changing'>): Lots =>
  order.changing?.lots === undefined ? remaining(order) : lots(mostLots(order) - order.filled);

/** The order as it is meant to become. */
export function changedTerms(request: OrderRequest, { limit, stop, lots: size }: OrderChange): OrderRequest {
  const terms: OrderTerms = request;
  return new OrderRequest({
    ...terms,
    ...(limit === undefined ? {} : { limit }),
    ...(stop === undefined ? {} : { stop }),
    ...(size === undefined ? {} : { lots: size }),
  });
}

/** What of a change differs from the order; undefined when nothing does. */
export function differingTerms(request: OrderRequest, change: OrderChange): OrderChange | undefined {
  const { limit, stop, lots: size } = change;
  const wanted: OrderChange = {
    ...(limit === undefined || limit === request.limit ? {} : { limit }),
    ...(stop === undefined || stop === request.stop ? {} : { stop }),
    ...(size === undefined || size === request.lots ? {} : { lots: size }),
  };
  return Object.keys(wanted).length === 0 ? undefined : wanted;
}

/**
 * The larger of old and new, of which risk is asked: more lots, and each price where it gives more away. Undefined when
 * the change does neither.
 */
export function largerOf(request: OrderRequest, change: OrderChange): OrderRequest | undefined {
  const { limit, stop, side } = request;
  const worse = (old: number | undefined, given: number | undefined): number | undefined =>
    old === undefined || given === undefined ? old : side === 'buy' ? Math.max(old, given) : Math.min(old, given);
  const price = worse(limit, change.limit);
  const trigger = worse(stop, change.stop);
  const size = lots(Math.max(request.lots, change.lots ?? 0));
  if (price === limit && trigger === stop && size === request.lots) return undefined;
  return changedTerms(request, {
    ...(price === undefined ? {} : { limit: ticks(price) }),
    ...(trigger === undefined ? {} : { stop: ticks(trigger) }),
    lots: size,
  });
}

/** What the order may stand at by now, at its dearest: its terms, and those of a change on its way. */
export const largestTerms = ({ request, changing }: Pick<Order, 'request' | 'changing'>): OrderRequest =>
  changing === undefined ? request : (largerOf(request, changing) ?? request);

/** The order once its change is over, under the terms that hold. What has filled whole has ended. */
export function settledChange(order: Order, terms: OrderRequest, at: number, venueId?: VenueOrderId): Order {
  const settled: { -readonly [K in keyof Order]: Order[K] } = { ...order };
  delete settled.changing;
  const hasSize = !closesPosition(terms);
  const request = hasSize && terms.lots < order.filled ? changedTerms(terms, { lots: order.filled }) : terms;
  const isWhole = hasSize && order.filled >= request.lots && !isTerminal(order.status);
  const isKnown = venueId === undefined || order.venueIds.includes(venueId);
  settled.request = request;
  if (isWhole) settled.status = 'filled';
  if (!isKnown) settled.venueIds = [...order.venueIds, venueId];
  settled.updatedAt = Math.max(order.updatedAt, at);
  return settled;
}
