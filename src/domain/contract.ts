import { Decimal } from './decimal.js';
import { fault } from './errors.js';
import type { InstrumentSpec } from './instrument-spec.js';
import { SETTLEMENT_DIGITS, UNITS_PER_SETTLE } from './money.js';

const FINEST_MARKS_PER_TICK = 100;
const ONE = new Decimal(1);

/**
 * How prices become money, in integers. Linear and quanto: a lot is worth `price × step × multiplier`, which must be a
 * whole number of settlement units at every tick. Inverse: `step × multiplier / price`, which is whole at few prices;
 * its numerator must be, and each use names its rounding.
 */
export interface ContractScale {
  /** Mark price units in one tick. */
  readonly marksPerTick: number;
  /**
   * Linear and quanto: settlement units of one lot times one tick; NaN for inverse contracts, so that no use goes
   * unnoticed.
   */
  readonly unitsPerTickLot: number;
  /** Inverse: settlement units of one lot at a price of one tick; 0 for the others. */
  readonly inversePerTick: number;
}

/** Throws `NUM-002` where the contract's money cannot be held exactly. */
export function contractScale(spec: InstrumentSpec): ContractScale {
  const { tick, step, symbol, settle, multiplier = ONE } = spec;
  if (!tick.gt(0) || !step.gt(0) || !multiplier.gt(0))
    throw inexact(
      `${symbol}: tick, step and multiplier must be positive, were ${tick.toString()}, ${step.toString()} and ${multiplier.toString()}.`,
    );
  if (spec.contract === 'inverse') {
    const perTick = step.times(multiplier).div(tick).times(UNITS_PER_SETTLE);
    if (!isWhole(perTick))
      throw inexact(
        `${symbol}: step times multiplier over tick must be a positive multiple of 1e-${SETTLEMENT_DIGITS}, was ${step.times(multiplier).div(tick).toString()}.`,
      );
    const inversePerTick = perTick.toNumber();
    let marksPerTick = FINEST_MARKS_PER_TICK;
    while (marksPerTick > 1 && !Number.isSafeInteger(inversePerTick * marksPerTick)) marksPerTick /= 10;
    return { marksPerTick, unitsPerTickLot: Number.NaN, inversePerTick };
  }
  const product = tick.times(step).times(multiplier);
  if (!isWhole(product.times(UNITS_PER_SETTLE))) {
    throw inexact(
      `${symbol}: tick times step must be a positive multiple of 1e-${SETTLEMENT_DIGITS} ${settle}, was ${product.toString()}.`,
    );
  }
  const unitsPerTickLot = product.times(UNITS_PER_SETTLE).toNumber();
  return { marksPerTick: greatestDivisor(unitsPerTickLot), unitsPerTickLot, inversePerTick: 0 };
}

const isWhole = (value: Decimal): boolean => value.isInteger() && value.gt(0) && value.lt(Number.MAX_SAFE_INTEGER);

const inexact = (message: string): Error =>
  fault('NUM-002', message, { fix: 'Use a coarser step or tick in instruments.' });

function greatestDivisor(unitsPerTickLot: number): number {
  for (let candidate = FINEST_MARKS_PER_TICK; candidate > 1; candidate /= 10) {
    if (unitsPerTickLot % candidate === 0) return candidate;
  }
  return unitsPerTickLot % 2 === 0 ? 2 : 1;
}
