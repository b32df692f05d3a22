import { messageOf } from '../domain/errors.js';
import type { StatusReport } from '../domain/order-state.js';
import type { CancelResult } from '../ports/venue/cancel-result.js';
import type { OrderRef } from '../ports/venue/order-ref.js';
import type { SubmitResult } from '../ports/venue/submit-result.js';
import type { OrderLookup, VenueOrder } from '../ports/venue/venue-order.js';
import {
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

const CANCEL_OUTCOMES: ReadonlySet<unknown> = new Set<CancelResult['outcome']>(['cancelled', 'not_open', 'unknown']);

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
    switch (result.outcome) {
      case 'accepted':
        requireText(result.venueId, 'Venue id of an accepted order');
        requireInstant(result.at, 'Time of an accepted order', now);
        return result;
      case 'rejected':
        requireOneOf(result.reason, REJECT_REASONS, 'Reason of a refused order');
        allowText(result.message, 'Message of a refused order');
        requireInstant(result.at, 'Time of a refused order', now);
        return result;
      case 'unknown':
        requireText(result.cause, 'Cause of an unknown outcome');
        return result;
      default:
        throw unreadable('Outcome of an order', 'accepted, rejected or unknown', (result as SubmitResult).outcome);
    }
  } catch (error) {
    return { outcome: 'unknown', ref, cause: messageOf(error) };
  }
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
