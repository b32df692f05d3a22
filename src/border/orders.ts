import { messageOf } from '../domain/errors.js';
import type { StatusReport } from '../domain/order-state.js';
import type { CancelResult } from '../ports/venue/cancel-result.js';
import type { OrderRef } from '../ports/venue/order-ref.js';
import type { Accepted, AmendResult, SubmitResult } from '../ports/venue/submit-result.js';
import type { OrderLookup, VenueOrder } from '../ports/venue/venue-order.js';
import {
  allowOneOf,
  allowText,
  requireAbove,
  requireFlag,
  requireInstant,
  requireNotNegative,
  requireObject,
  requireOneOf,
  requireText,
  unreadable,
} from './reading.js';
import { ORDER_TYPES, REJECT_REASONS, SIDES, STATUSES } from './words.js';

const CANCEL_OUTCOMES: ReadonlySet<unknown> = new Set<CancelResult['outcome']>([
  'cancelled',
  'requested',
  'not_open',
  'unknown',
]);
const STAGES: ReadonlySet<unknown> = new Set<Accepted['stage']>(['received', 'working']);

/** Throws VENUE-005 for news of an order that could not be kept. */
export function readReport(report: StatusReport, now: number): StatusReport {
  requireObject(report, 'A report of an order');
  requireOneOf(report.status, STATUSES, 'Status of an order');
  requireInstant(report.at, 'Time of an order', now);
  if (report.venueId !== undefined) requireText(report.venueId, 'Venue id of an order');
  allowText(report.reason, 'Reason of an order');
  return report;
}

/** Throws VENUE-005 for an order that could not be compared with ours, or adopted. */
export function readVenueOrder(order: VenueOrder, now: number): VenueOrder {
  readOrderName(order);
  requireOneOf(order.side, SIDES, `Side of order ${order.venueId}`);
  requireOneOf(order.type, ORDER_TYPES, `Type of order ${order.venueId}`);
  requireNotNegative(order.size, `Size of order ${order.venueId}`);
  requireNotNegative(order.filled, `Filled size of order ${order.venueId}`);
  if (order.price !== undefined) requireAbove(order.price, `Price of order ${order.venueId}`);
  if (order.stopPrice !== undefined) requireAbove(order.stopPrice, `Stop price of order ${order.venueId}`);
  requireFlag(order.reduceOnly, `Reduce-only of order ${order.venueId}`);
  if (order.closePosition !== undefined) requireFlag(order.closePosition, `Close-position of order ${order.venueId}`);
  readReport(order.report, now);
  return order;
}

/**
 * Throws VENUE-005 for an order that could not even be cancelled. Whatever else of it is odd is no reason to leave it.
 */
export function readOrderName(order: VenueOrder): VenueOrder {
  requireObject(order, 'An order');
  requireText(order.venueId, 'Venue id of an order');
  allowText(order.clientId, `Client id of order ${order.venueId}`);
  requireText(order.symbol, `Symbol of order ${order.venueId}`);
  return order;
}

/** Throws VENUE-005: an answer that cannot be read is none, and never "no such order". */
export function readLookup(lookup: OrderLookup, now: number): OrderLookup {
  requireObject(lookup, 'The answer about an order');
  requireFlag(lookup.found, 'Found, of the answer about an order,');
  if (lookup.found) readVenueOrder(lookup.order, now);
  return lookup;
}

/** An answer that cannot be read is no refusal and no acceptance: somebody must find out. Never throws. */
export function readSubmitResult(result: SubmitResult, ref: OrderRef, now: number): SubmitResult {
  try {
    requireObject(result, 'The answer to an order');
    checkSubmitResult(result, ref, now);
    return result;
  } catch (error) {
    return { outcome: 'unknown', ref, cause: messageOf(error) };
  }
}

/** As `readSubmitResult`: an answer that cannot be read has changed nothing that we know of. Never throws. */
export function readAmendResult(result: AmendResult, ref: OrderRef, now: number): AmendResult {
  try {
    requireObject(result, 'The answer to a change');
    if (result.outcome === 'ended') readReport(result.report, now);
    else checkSubmitResult(result, ref, now);
    return result;
  } catch (error) {
    return { outcome: 'unknown', ref, cause: messageOf(error) };
  }
}

function checkSubmitResult(result: SubmitResult, ref: OrderRef, now: number): void {
  switch (result.outcome) {
    case 'accepted':
      requireText(result.venueId, 'Venue id of an accepted order');
      requireInstant(result.at, 'Time of an accepted order', now);
      allowOneOf(result.stage, STAGES, 'Stage of an accepted order');
      if (result.order !== undefined) requireSame(readVenueOrder(result.order, now), ref);
      return;
    case 'rejected':
      requireOneOf(result.reason, REJECT_REASONS, 'Reason of a refused order');
      allowText(result.message, 'Message of a refused order');
      requireInstant(result.at, 'Time of a refused order', now);
      return;
    case 'unknown':
      requireText(result.cause, 'Cause of an unknown outcome');
      return;
    default:
      throw unreadable('Outcome of an order', 'accepted, rejected or unknown', (result as SubmitResult).outcome);
  }
}

/** An answer about another order is none about this one. */
function requireSame({ clientId, symbol }: VenueOrder, ref: OrderRef): void {
  if (clientId !== undefined && clientId !== ref.clientId)
    throw unreadable('Client id of an accepted order', ref.clientId, clientId);
  if (symbol !== ref.symbol) throw unreadable('Symbol of an accepted order', ref.symbol, symbol);
}

/** As `readSubmitResult`: an answer that cannot be read has cancelled nothing that we know of. Never throws. */
export function readCancelResult(result: CancelResult, ref: OrderRef): CancelResult {
  try {
    requireObject(result, 'The answer to a cancellation');
    requireOneOf(result.outcome, CANCEL_OUTCOMES, 'Outcome of a cancellation');
    return result;
  } catch (error) {
    return { outcome: 'unknown', ref, cause: messageOf(error) };
  }
}
