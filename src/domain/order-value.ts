import { Decimal } from './decimal.js';
import { applyRate, rateOf, type Instrument } from './instrument.js';
import type { Fill, OrderTerms } from './order.js';
import { lots, mulDiv, units, type Lots, type MarkUnits, type Ticks, type Units } from './units.js';

const ONE_LOT = lots(1);
/** What sums of parts of lots may lose in doubles. */
const ROUNDING = 1e-6;

/** Value of an order at its limit or its trigger, else at the mark; undefined when none is known. */
export function valueOf(
  { instrument, limit, stop, lots }: Pick<OrderTerms, 'instrument' | 'limit' | 'stop' | 'lots'>,
  mark: MarkUnits | undefined,
): Units | undefined {
  const price = limit ?? stop;
  if (price !== undefined) return instrument.notional(price, lots);
  return mark !== undefined && mark > 0 ? instrument.notionalAtMark(mark, lots) : undefined;
}

/** Size of a fill in lots of `instrument`: not whole where the fill was measured on a finer grid. */
export const lotsIn = (instrument: Instrument, fill: Pick<Fill, 'instrument' | 'lots'>): number =>
  fill.instrument === instrument || fill.instrument.spec.step.eq(instrument.spec.step)
    ? fill.lots
    : fill.instrument.size(fill.lots).div(instrument.spec.step).toNumber();

/** Whole lots of a sum of such sizes. */
export const wholeLots = (sum: number): Lots => lots(Math.floor(sum + ROUNDING));

/** The most lots entered at `mark` whose loss at the stop, with the taker's fee of both trades, is within `allowed`. */
export function lotsAtRisk(instrument: Instrument, allowed: Units, mark: MarkUnits, stop: Ticks): Lots {
  const entered = instrument.notionalAtMark(mark, ONE_LOT);
  const left = instrument.notional(stop, ONE_LOT);
  const rate = rateOf(Decimal.max(0, instrument.spec.takerFee));
  const lost = Math.abs(entered - left) + applyRate(units(entered + left), rate, 'ceil');
  return lots(lost > 0 ? mulDiv(allowed, 1, lost, 'floor') : 0);
}
