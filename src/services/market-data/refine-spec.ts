import { Decimal } from '../../domain/decimal.js';
import type { InstrumentSpec } from '../../domain/instrument.js';

/**
 * What the configuration may say about a product the venue lists: the account's own fees, and limits that are
 * tighter than the venue's. A tick or step holds only when it is a whole multiple of the venue's, because any other
 * order would be refused. Everything else is the venue's word.
 */
export function refineSpec(venue: InstrumentSpec, own: InstrumentSpec | undefined): InstrumentSpec {
  if (own === undefined) return venue;
  const maxSize = smallest(venue.maxSize, own.maxSize);
  return {
    ...venue,
    tick: coarser(venue.tick, own.tick),
    step: coarser(venue.step, own.step),
    minSize: Decimal.max(venue.minSize, own.minSize),
    minNotional: Decimal.max(venue.minNotional, own.minNotional),
    ...(maxSize === undefined ? {} : { maxSize }),
    maxLeverage: Decimal.min(venue.maxLeverage, own.maxLeverage),
    makerFee: own.makerFee,
    takerFee: own.takerFee,
    maintenanceRate: Decimal.max(venue.maintenanceRate, own.maintenanceRate),
  };
}

export const sameSpec = (a: InstrumentSpec, b: InstrumentSpec): boolean =>
  a.symbol === b.symbol &&
  a.base === b.base &&
  a.quote === b.quote &&
  a.settle === b.settle &&
  a.kind === b.kind &&
  a.fundingIntervalHours === b.fundingIntervalHours &&
  (a.maxSize === undefined ? b.maxSize === undefined : b.maxSize !== undefined && a.maxSize.eq(b.maxSize)) &&
  AMOUNTS.every((field) => a[field].eq(b[field]));

const AMOUNTS = [
  'tick',
  'step',
  'minSize',
  'minNotional',
  'maxLeverage',
  'makerFee',
  'takerFee',
  'maintenanceRate',
] as const;

const coarser = (venue: Decimal, own: Decimal): Decimal => (own.gt(venue) && own.mod(venue).isZero() ? own : venue);

const smallest = (a: Decimal | undefined, b: Decimal | undefined): Decimal | undefined =>
  a === undefined || b === undefined ? (a ?? b) : Decimal.min(a, b);
