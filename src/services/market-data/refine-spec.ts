import { commonMeasure, commonMultiple, Decimal } from '../../domain/decimal.js';
import type { InstrumentSpec, OrderGrid } from '../../domain/instrument.js';

/**
 * What the configuration may say about a product the venue lists: the account's own fees, and limits that are tighter
 * than the venue's. What prices and sizes an order may have, and the least it may be, is the venue's word: whatever
 * else is written down was made for a venue inside, and would keep orders from one outside.
 */
export function refineSpec(venue: InstrumentSpec, own: InstrumentSpec | undefined): InstrumentSpec {
  if (own === undefined) return venue;
  const maxSize = smallest(venue.maxSize, own.maxSize);
  return {
    ...venue,
    ...(maxSize === undefined ? {} : { maxSize }),
    maxLeverage: Decimal.min(venue.maxLeverage, own.maxLeverage),
    makerFee: own.makerFee,
    takerFee: own.takerFee,
    maintenanceRate: Decimal.max(venue.maintenanceRate, own.maintenanceRate),
  };
}

/** The venue's word, with what is held counted as finely as it was measured. */
export const measuredIn = (venue: InstrumentSpec, grid: OrderGrid): InstrumentSpec => {
  const orderGrid = {
    tick: commonMultiple(venue.tick, grid.tick),
    step: commonMultiple(venue.step, grid.step),
  };
  const isSame = orderGrid.tick.eq(grid.tick) && orderGrid.step.eq(grid.step);
  return { ...venue, tick: grid.tick, step: grid.step, ...(isSame ? {} : { orderGrid }) };
};

/** The coarsest grid on which everything that lies on one of the two lies. */
export const finerGrid = (a: OrderGrid, b: OrderGrid): OrderGrid => ({
  tick: commonMeasure(a.tick, b.tick),
  step: commonMeasure(a.step, b.step),
});

/** What money is made of: were one of these another, what is held would be worth something else. */
export const sameContract = (a: InstrumentSpec, b: InstrumentSpec): boolean =>
  a.settle === b.settle &&
  a.kind === b.kind &&
  (a.contract ?? 'linear') === (b.contract ?? 'linear') &&
  isAlike(a.multiplier ?? ONE, b.multiplier ?? ONE);

/** Alike in every field, whatever fields there are. */
export const sameSpec = (a: InstrumentSpec, b: InstrumentSpec): boolean => isAlike(a, b);

const ONE = new Decimal(1);

function isAlike(a: unknown, b: unknown): boolean {
  if (Decimal.isDecimal(a) || Decimal.isDecimal(b)) return Decimal.isDecimal(a) && Decimal.isDecimal(b) && a.eq(b);
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b;
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...keys].every((key) => isAlike((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]));
}

const smallest = (a: Decimal | undefined, b: Decimal | undefined): Decimal | undefined =>
  a === undefined || b === undefined ? (a ?? b) : Decimal.min(a, b);
