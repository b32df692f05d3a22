import type { Instrument } from '../../../domain/instrument.js';
import type { Position } from '../../../domain/position.js';
import { lots, marks, ticks, type MarkUnits, type Ticks } from '../../../domain/units.js';

/** Searches end here: a hundred times the price that is looked from. */
const FARTHEST = 100;
/** Values beyond it are not searched: their notional would leave the exact range. */
const LARGEST = 2 ** 52;

/** The highest price, in the scale of `from`, that a search may look at. */
function bound(instrument: Instrument, size: number, from: number, perPrice: number): number {
  const value = Math.abs(instrument.worth(perPrice, size));
  const most = instrument.spec.contract === 'inverse' ? Number.MAX_SAFE_INTEGER : Math.floor(LARGEST / value);
  return Math.min(Math.ceil(from * FARTHEST), most);
}

/**
 * Largest whole number in [low, high] for which `holds`, which holds up to some point and not beyond; `low - 1` when
 * for none.
 */
function last(low: number, high: number, holds: (value: number) => boolean): number {
  let below = low - 1;
  let above = high + 1;
  while (above - below > 1) {
    const middle = below + Math.floor((above - below) / 2);
    if (holds(middle)) below = middle;
    else above = middle;
  }
  return below;
}

/**
 * The whole position can be closed at the price without owing anything, where `backing` is what may be lost besides its
 * own profit.
 */
export const isSolventAt = (position: Position, backing: number, price: Ticks): boolean =>
  backing - position.instrument.value(price, lots(0 - position.lots)) - position.cost >= 0;

/**
 * Worst price in ticks at which the whole position can be closed without owing anything, where `backing` is what may be
 * lost besides its own profit; undefined when no price would be too bad. Rounded in favour of the account.
 */
export function bankruptcyPrice(position: Position, backing: number, from: MarkUnits): Ticks | undefined {
  const { instrument } = position;
  const solvent = (price: number): boolean => isSolventAt(position, backing, ticks(price));
  const highest = bound(instrument, position.lots, from / instrument.marksPerTick, instrument.marksPerTick);
  if (position.lots > 0) {
    const insolvent = last(1, highest, (price) => !solvent(price));
    return insolvent < 1 ? undefined : ticks(Math.min(insolvent + 1, highest));
  }
  const worst = last(1, highest, solvent);
  return worst >= highest ? undefined : ticks(Math.max(1, worst));
}

/**
 * The mark at which positions of `size` lots are due, coming from `from`: the highest such mark at or below it when the
 * mark falls, the lowest at or above it when it rises. NaN when there is none.
 */
export function triggerMark(
  instrument: Instrument,
  size: number,
  from: MarkUnits,
  falling: boolean,
  isDue: (mark: MarkUnits) => boolean,
): MarkUnits {
  if (falling) {
    const trigger = last(1, from, (mark) => isDue(marks(mark)));
    return marks(trigger < 1 ? Number.NaN : trigger);
  }
  const highest = bound(instrument, size, from, 1);
  const safe = last(from, highest, (mark) => !isDue(marks(mark)));
  return marks(safe >= highest ? Number.NaN : safe + 1);
}
