import { Decimal } from '../domain/decimal.js';
import type { InstrumentSpec, MarginTier } from '../domain/instrument.js';
import {
  allowOneOf,
  allowText,
  requireAbove,
  requireFinite,
  requireList,
  requireNotNegative,
  requireObject,
  requireOneOf,
  requireText,
  unreadable,
} from './reading.js';
import { CONTRACT_KINDS, INSTRUMENT_STATUSES, MARKET_KINDS } from './words.js';

/** Throws VENUE-005 for an instrument of which no order could be checked. */
export function readInstrumentSpec(spec: InstrumentSpec): InstrumentSpec {
  requireObject(spec, 'An instrument');
  const { symbol } = spec;
  requireText(symbol, 'Symbol of an instrument');
  requireText(spec.base, `Base of ${symbol}`);
  requireText(spec.quote, `Quote of ${symbol}`);
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
  if (!(Number.isFinite(spec.fundingIntervalHours) && spec.fundingIntervalHours >= 0))
    throw unreadable(`Funding interval of ${symbol}`, 'hours', spec.fundingIntervalHours);
  allowOneOf(spec.contract, CONTRACT_KINDS, `Contract of ${symbol}`);
  if (spec.multiplier !== undefined) requireAbove(spec.multiplier, `Multiplier of ${symbol}`);
  if (spec.liquidationFee !== undefined) requireNotNegative(spec.liquidationFee, `Liquidation fee of ${symbol}`);
  if (spec.orderGrid !== undefined) {
    requireObject(spec.orderGrid, `Order grid of ${symbol}`);
    requireAbove(spec.orderGrid.tick, `Tick of orders of ${symbol}`);
    requireAbove(spec.orderGrid.step, `Step of orders of ${symbol}`);
  }
  allowText(spec.venue, `Venue of ${symbol}`);
  if (spec.tiers !== undefined) readTiers(spec.tiers, symbol);
  return spec;
}

function readTiers(tiers: readonly MarginTier[], symbol: string): void {
  requireList(tiers, `Brackets of ${symbol}`);
  for (const tier of tiers) {
    requireObject(tier, `A bracket of ${symbol}`);
    requireNotNegative(tier.floor, `Floor of a bracket of ${symbol}`);
    // The last one may have no end.
    if (!(Decimal.isDecimal(tier.cap) && tier.cap.eq(Infinity)))
      requireAbove(tier.cap, `Cap of a bracket of ${symbol}`);
    requireNotNegative(tier.rate, `Rate of a bracket of ${symbol}`);
    requireAbove(tier.maxLeverage, `Leverage of a bracket of ${symbol}`);
    requireFinite(tier.cum, `Amount of a bracket of ${symbol}`);
  }
}
