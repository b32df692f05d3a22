import { Decimal } from './decimal.js';
import { fault } from './errors.js';
import type { InstrumentSpec } from './instrument-spec.js';
import { FINEST_DIGITS, FINEST_UNIT, type MoneyUnit } from './money.js';

const FINEST_MARKS_PER_TICK = 100;
const ONE = new Decimal(1);

/**
 * How prices become money, in integers. Linear and quanto: a lot is worth `price × step × multiplier`, which must be a
 * whole number of the finest units at every tick. Inverse: `step × multiplier / price`, which is whole at few prices;
 * its numerator must be, and each use names its rounding.
 *
 * An account of a coarser unit counts the same contract as a fraction of it: `perMark / divisor`, in lowest terms.
 * Where the divisor is 1 the product is whole by itself; else each use names its rounding, as with inverse contracts.
 * What a mark is does not depend on the unit, so that an account of any size sees the same market.
 */
export interface ContractScale {
  /** Mark price units in one tick. */
  readonly marksPerTick: number;
  /**
   * Linear and quanto: settlement units of one lot times one mark unit, over `divisor`; 0 for inverse contracts.
   */
  readonly perMark: number;
  /** Inverse: settlement units of one lot at a price of one mark unit, over `divisor`; 0 for the others. */
  readonly inversePerMark: number;
  readonly divisor: number;
}

/** Throws `NUM-002` where the contract's money cannot be held exactly. */
export function contractScale(spec: InstrumentSpec, unit: MoneyUnit): ContractScale {
  const { tick, step, symbol, settle, multiplier = ONE } = spec;
  if (!tick.gt(0) || !step.gt(0) || !multiplier.gt(0))
    throw inexact(
      `${symbol}: tick, step and multiplier must be positive, were ${tick.toString()}, ${step.toString()} and ${multiplier.toString()}.`,
    );
  const finest = FINEST_UNIT.perSettle;
  if (spec.contract === 'inverse') {
    const perTick = step.times(multiplier).div(tick).times(finest);
    if (!isWhole(perTick))
      throw inexact(
        `${symbol}: step times multiplier over tick must be a positive multiple of 1e-${FINEST_DIGITS}, was ${step.times(multiplier).div(tick).toString()}.`,
      );
    const inversePerTick = perTick.toNumber();
    let marksPerTick = FINEST_MARKS_PER_TICK;
    while (marksPerTick > 1 && !Number.isSafeInteger(inversePerTick * marksPerTick)) marksPerTick /= 10;
    const { numerator, divisor } = inUnit(inversePerTick * marksPerTick, unit);
    return { marksPerTick, perMark: 0, inversePerMark: numerator, divisor };
  }
  const product = tick.times(step).times(multiplier);
  if (!isWhole(product.times(finest))) {
    throw inexact(
      `${symbol}: tick times step must be a positive multiple of 1e-${FINEST_DIGITS} ${settle}, was ${product.toString()}.`,
    );
  }
  const perTick = product.times(finest).toNumber();
  const marksPerTick = greatestDivisor(perTick);
  const { numerator, divisor } = inUnit(perTick / marksPerTick, unit);
  return { marksPerTick, perMark: numerator, inversePerMark: 0, divisor };
}

const isWhole = (value: Decimal): boolean => value.isInteger() && value.gt(0) && value.lt(Number.MAX_SAFE_INTEGER);

const inexact = (message: string): Error =>
  fault('NUM-002', message, { fix: 'Use a coarser step or tick in instruments.' });

/** A whole number of the finest units as a fraction of a unit, in lowest terms. */
function inUnit(finest: number, unit: MoneyUnit): { readonly numerator: number; readonly divisor: number } {
  const whole = FINEST_UNIT.perSettle / unit.perSettle;
  let [a, b] = [whole, finest % whole];
  while (b !== 0) [a, b] = [b, a % b];
  return { numerator: finest / a, divisor: whole / a };
}

function greatestDivisor(unitsPerTickLot: number): number {
  for (let candidate = FINEST_MARKS_PER_TICK; candidate > 1; candidate /= 10) {
    if (unitsPerTickLot % candidate === 0) return candidate;
  }
  return unitsPerTickLot % 2 === 0 ? 2 : 1;
}
