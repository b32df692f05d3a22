import type { InstrumentSpec } from '../domain/instrument.js';
import {
  allowOneOf,
  requireAbove,
  requireFinite,
  requireNotNegative,
  requireObject,
  requireOneOf,
  requireText,
  unreadable,
} from './reading.js';
import { INSTRUMENT_STATUSES, MARKET_KINDS } from './words.js';

/** Throws VENUE-005 for an instrument of which no order could be checked. */
export function readInstrumentSpec(spec: InstrumentSpec): InstrumentSpec {
  requireObject(spec, 'An instrument');
  const { symbol } = spec;
  requireText(symbol, 'Symbol of an instrument');
  requireText(spec.settle, `Settlement currency of ${symbol}`);
  requireOneOf(spec.kind, MARKET_KINDS, `Kind of ${symbol}`);
  requireAbove(spec.tick, `Tick of ${symbol}`);
  requireAbove(spec.step, `Step of ${symbol}`);
  requireNotNegative(spec.minSize, `Smallest size of ${symbol}`);
  requireNotNegative(spec.minNotional, `Smallest value of ${symbol}`);
  if (spec.maxSize !== undefined) requireAbove(spec.maxSize, `Largest size of ${symbol}`);
  if (spec.maxMarketSize !== undefined) requireAbove(spec.maxMarketSize, `Largest market order of ${symbol}`);
  if (spec.band !== undefined) {
    requireObject(spec.band, `Price band of ${symbol}`);
    requireAbove(spec.band.above, `Price band of ${symbol}`);
    requireAbove(spec.band.below, `Price band of ${symbol}`);
  }
  allowOneOf(spec.status, INSTRUMENT_STATUSES, `Status of ${symbol}`);
  requireAbove(spec.maxLeverage, `Highest leverage of ${symbol}`);
  requireFinite(spec.makerFee, `Maker fee of ${symbol}`);
  requireFinite(spec.takerFee, `Taker fee of ${symbol}`);
  requireNotNegative(spec.maintenanceRate, `Maintenance of ${symbol}`);
  if (!(spec.fundingIntervalHours >= 0))
    throw unreadable(`Funding interval of ${symbol}`, 'hours', spec.fundingIntervalHours);
  return spec;
}
