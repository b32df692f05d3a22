import { messageOf } from '../domain/errors.js';
import { Instrument } from '../domain/instrument.js';
import type { Fee, Fill, FundingPayment } from '../domain/order.js';
import type { AccountEvent, MarginEvent } from '../ports/venue/account-event.js';
import type { Transfer } from '../ports/venue/transfer.js';
import { readAccountTerms } from './account-terms.js';
import { readNotice } from './market-events.js';
import { readReport, readVenueOrder } from './orders.js';
import { readBalance, readPosition } from './positions.js';
import {
  allowFinite,
  allowOneOf,
  allowText,
  requireAbove,
  requireFinite,
  requireInstant,
  requireObject,
  requireOneOf,
  requireText,
  requireWhole,
  unreadable,
} from './reading.js';
import { CHARGES, MARGIN_LEVELS, POSITION_SIDES, SIDES } from './words.js';

const LIQUIDITIES: ReadonlySet<unknown> = new Set(['maker', 'taker'] satisfies Fill['liquidity'][]);
const YES: ReadonlySet<unknown> = new Set([true]);
const CAUSES: ReadonlySet<unknown> = new Set(['liquidation', 'adl', 'settlement'] satisfies Fill['cause'][]);

/**
 * The event itself, once every field of it has been checked. Throws VENUE-005 for one that could not be booked, or
 * could not be read again from the journal that it would be written to. With `aside`, parts of the account's terms that
 * cannot be read are told there, and the event comes without them.
 */
export function readAccountEvent(event: AccountEvent, now: number, aside?: (error: unknown) => void): AccountEvent {
  requireObject(event, 'An account event');
  switch (event.kind) {
    case 'fill':
      readFill(event.fill, now);
      break;
    case 'funding':
      readFunding(event.payment, now);
      break;
    case 'transfer':
      readTransfer(event, now);
      break;
    case 'order':
      requireText(event.clientId, 'Client id of an order');
      readReport(event.report, now);
      if (event.filled !== undefined) requireWhole(event.filled, 'Filled lots of an order', 0);
      break;
    case 'foreign_order':
      readVenueOrder(event.order, now);
      break;
    case 'position':
      readPosition(event.position);
      requireInstant(event.at, 'Time of a position', now);
      break;
    case 'balance':
      readBalance(event.balance);
      requireInstant(event.at, 'Time of a balance', now);
      break;
    case 'terms':
      requireInstant(event.at, 'Time of the terms of the account', now);
      return { ...event, terms: readAccountTerms(event.terms, aside) };
    case 'margin':
      readMargin(event, now);
      break;
    default:
      readNotice(event);
  }
  return event;
}

function readFill(fill: Fill, now: number): void {
  requireObject(fill, 'A fill');
  const { tradeId: id } = fill;
  requireText(id, 'Trade id of a fill');
  requireString(fill.clientId, 'Client id of fill', id);
  requireString(fill.venueId, 'Order id of fill', id);
  requireInstrument(fill.instrument, 'Instrument of fill', id);
  requireOneOf(fill.side, SIDES, 'Side of fill', id);
  requireWhole(fill.lots, 'Size in lots of fill', 1, id);
  requireWhole(fill.price, 'Price in ticks of fill', 1, id);
  requireWhole(fill.fee, 'Fee in units of fill', -Infinity, id);
  requireOneOf(fill.liquidity, LIQUIDITIES, 'Liquidity of fill', id);
  requireInstant(fill.at, 'Time of fill', now, id);
  allowOneOf(fill.cause, CAUSES, 'Cause of fill', id);
  allowOneOf(fill.positionSide, POSITION_SIDES, 'Position side of fill', id);
  if (fill.fees !== undefined) readFees(fill.fees, id);
  allowOneOf(fill.feeEstimated, YES, 'Estimate of the fee of fill', id);
  requireExact(fill);
}

function readFees(fees: readonly Fee[], id: string): void {
  if (!Array.isArray(fees)) throw unreadable('Fees of fill', 'a list', fees, id);
  for (const fee of fees as readonly Fee[]) {
    requireObject(fee, `A fee of fill ${id}`);
    requireText(fee.asset, `Asset of a fee of fill ${id}`);
    requireFinite(fee.amount, `Fee of fill ${id}`);
  }
}

/** A value beyond exact money would fail in the books, after some of them have moved. */
function requireExact({ tradeId, instrument, price, lots }: Fill): void {
  try {
    instrument.notional(price, lots);
  } catch (error) {
    throw unreadable(`Value of fill ${tradeId}`, 'within exact money', messageOf(error));
  }
}

/** Without an amount it is a gap, which is known; without a stamp it is nothing. Some venues tell the amount alone. */
function readFunding(payment: FundingPayment, now: number): void {
  requireObject(payment, 'A funding payment');
  requireText(payment.id, 'Id of a funding payment');
  requireInstrument(payment.instrument, 'Instrument of funding payment', payment.id);
  requireInstant(payment.at, `Time of funding payment ${payment.id}`, now);
  allowFinite(payment.rate, `Rate of funding payment ${payment.id}`);
  if (payment.markPrice !== undefined) requireAbove(payment.markPrice, `Mark of funding payment ${payment.id}`);
  if (payment.lots !== undefined) requireWhole(payment.lots, `Position of funding payment ${payment.id} in lots`);
  if (payment.amount !== undefined) requireWhole(payment.amount, `Amount of funding payment ${payment.id} in units`);
  if (payment.cause !== undefined) requireOneOf(payment.cause, CHARGES, `Cause of funding payment ${payment.id}`);
}

function readMargin(event: MarginEvent, now: number): void {
  requireOneOf(event.level, MARGIN_LEVELS, 'Level of a margin warning');
  allowText(event.symbol, 'Symbol of a margin warning');
  allowFinite(event.equity, 'Equity of a margin warning');
  allowFinite(event.maintenance, 'Maintenance of a margin warning');
  allowText(event.message, 'Message of a margin warning');
  requireInstant(event.at, 'Time of a margin warning', now);
}

function readTransfer(transfer: Transfer, now: number): void {
  requireText(transfer.id, 'Id of a transfer');
  requireText(transfer.asset, `Asset of transfer ${transfer.id}`);
  requireFinite(transfer.amount, `Amount of transfer ${transfer.id}`);
  requireInstant(transfer.at, `Time of transfer ${transfer.id}`, now);
}

/** Text, which may be empty: what is not ours has no id of ours. */
function requireString(value: unknown, what: string, id: string): void {
  if (typeof value !== 'string') throw unreadable(what, 'text', value, id);
}

function requireInstrument(value: unknown, what: string, id: string): void {
  if (!(value instanceof Instrument)) throw unreadable(what, 'an instrument', value, id);
}
