import type { DepthEvent, InstrumentEvent, MarkEvent } from '../ports/venue/market-event.js';
import type { StreamNotice } from '../ports/venue/stream-notice.js';
import { readInstrumentSpec } from './instruments.js';
import { readLevels } from './market.js';
import {
  allowFinite,
  allowInstant,
  allowOneOf,
  allowText,
  requireAbove,
  requireInstant,
  requireObject,
  requireOneOf,
  requireText,
  requireWhole,
  unreadable,
} from './reading.js';
import { CHANNELS, INSTRUMENT_STATUSES, NOTICES } from './words.js';

const DEPTH_TYPES: ReadonlySet<unknown> = new Set<DepthEvent['type']>(['snapshot', 'change']);

/** Throws VENUE-005 for prices that no position could be valued by. */
export function readMarkEvent(event: MarkEvent, now: number): MarkEvent {
  requireObject(event, 'A mark');
  const { symbol } = event;
  requireText(symbol, 'Symbol of a mark');
  if (event.mark !== undefined) requireAbove(event.mark, `Mark of ${symbol}`);
  if (event.index !== undefined) requireAbove(event.index, `Index of ${symbol}`);
  allowFinite(event.fundingRate, `Funding rate of ${symbol}`);
  allowInstant(event.nextFundingAt, `Next funding of ${symbol}`);
  requireInstant(event.at, `Time of a mark of ${symbol}`, now);
  return event;
}

/** Throws VENUE-005 for a change that no order could follow. */
export function readInstrumentEvent(event: InstrumentEvent, now: number): InstrumentEvent {
  requireObject(event, 'A change of an instrument');
  const { symbol, spec } = event;
  requireText(symbol, 'Symbol of a changed instrument');
  allowOneOf(event.status, INSTRUMENT_STATUSES, `Status of ${symbol}`);
  if (spec !== undefined && readInstrumentSpec(spec).symbol !== symbol)
    throw unreadable('Symbol of a changed instrument', symbol, spec.symbol);
  requireInstant(event.at, `Time of a change of ${symbol}`, now);
  return event;
}

/** Throws VENUE-005 for a message after which the book could not be trusted. */
export function readDepthEvent(event: DepthEvent, now: number): DepthEvent {
  requireObject(event, 'A message of depth');
  const { symbol, sequence } = event;
  requireText(symbol, 'Symbol of a message of depth');
  requireOneOf(event.type, DEPTH_TYPES, `Type of a message of depth of ${symbol}`);
  readLevels(event.bids, `Bids of ${symbol}`);
  readLevels(event.asks, `Asks of ${symbol}`);
  if (sequence !== undefined) {
    requireObject(sequence, `Sequence of ${symbol}`);
    requireWhole(sequence.last, `Sequence of ${symbol}`);
    if (sequence.first !== undefined) requireWhole(sequence.first, `First sequence of ${symbol}`);
    if (sequence.previous !== undefined) requireWhole(sequence.previous, `Previous sequence of ${symbol}`);
  }
  requireInstant(event.at, `Time of a message of depth of ${symbol}`, now);
  return event;
}

/** Throws VENUE-005 for a notice of which nobody could tell what it is about. */
export function readNotice(notice: StreamNotice): StreamNotice {
  requireObject(notice, 'A notice of a stream');
  requireOneOf(notice.kind, NOTICES, 'Kind of an event');
  allowText(notice.symbol, 'Symbol of a notice');
  allowOneOf(notice.channel, CHANNELS, 'Channel of a notice');
  return notice;
}
