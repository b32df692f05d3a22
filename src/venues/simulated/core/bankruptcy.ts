import type { Instrument } from '../../../domain/instrument.js';
import type { Position } from '../../../domain/position.js';
import { lots, marks, ticks, type MarkUnits, type Ticks } from '../../../domain/units.js';
import { lastHolding, zeroOfLine } from './edge-search.js';

/**
 * The highest price at which `size` lots can be valued exactly, in steps of `scale` mark units. No search ends before
 * it: what is not found within it does not exist, or cannot be counted.
 */
const highest = (instrument: Instrument, size: number, scale: number): number =>
  instrument.spec.contract === 'inverse'
    ? Number.MAX_SAFE_INTEGER
    : Math.floor(Number.MAX_SAFE_INTEGER / Math.max(1, Math.abs(instrument.worth(scale, size))));

/** The lowest: what an inverse contract is worth has no bound as the price falls. */
const lowest = (instrument: Instrument, size: number, scale: number): number =>
  instrument.spec.contract === 'inverse'
    ? Math.max(1, Math.ceil(Math.abs(instrument.worth(scale, size)) / Number.MAX_SAFE_INTEGER))
    : 1;

/**
 * The whole position can be closed at the price without owing anything, where `backing` is what may be lost besides
 * its own profit.
 */
export const isSolventAt = (position: Position, backing: number, price: Ticks): boolean =>
  backing - position.instrument.value(price, lots(0 - position.lots)) - position.cost >= 0;

/**
 * Worst price in ticks at which the whole position can be closed without owing anything, where `backing` is what may
 * be lost besides its own profit; undefined when no price would be too bad. Rounded in favour of the account, by less
 * than a tick.
 */
export function bankruptcyPrice(position: Position, backing: number): Ticks | undefined {
  const { instrument, lots: size, cost } = position;
  const inverse = instrument.spec.contract === 'inverse';
  const scale = instrument.marksPerTick;
  const low = lowest(instrument, size, scale);
  const high = highest(instrument, size, scale);
  const room = cost - backing;
  const guess = inverse ? instrument.worth(scale, 0 - size) / room : room / instrument.worth(scale, size);
  const solvent = (price: number): boolean => isSolventAt(position, backing, ticks(price));
  if (size > 0) {
    const insolvent = lastHolding(low, high, guess, (price) => !solvent(price));
    return insolvent < low ? undefined : ticks(Math.min(insolvent + 1, high));
  }
  const worst = lastHolding(low, high, guess > 0 ? guess : high, solvent);
  return worst >= high && inverse ? undefined : ticks(Math.max(low, worst));
}

/**
 * The mark at which positions of `size` lots are due, coming from `from`: the highest such mark at or below it when
 * the mark falls, the lowest at or above it when it rises. NaN when there is none. `room` is what is left until they
 * are: in pieces a straight line of the mark (of its inverse for inverse contracts), and due where there is none.
 */
export function triggerMark(
  instrument: Instrument,
  size: number,
  from: MarkUnits,
  falling: boolean,
  room: (mark: MarkUnits) => number,
): MarkUnits {
  const now = room(from);
  if (now <= 0) return from;
  const low = Math.min(from, lowest(instrument, size, 1));
  const high = Math.max(from, highest(instrument, size, 1));
  const guess = guessOf(instrument, from, now, falling, room, high);
  if (falling) {
    const trigger = lastHolding(low, from, guess > 0 ? guess : low, (mark) => room(marks(mark)) <= 0);
    return marks(trigger < low ? Number.NaN : trigger);
  }
  const safe = lastHolding(from, high, guess > from ? guess : high, (mark) => room(marks(mark)) > 0);
  // The end of what can be counted is looked at too: only an inverse contract can never be due.
  return marks(safe < high ? safe + 1 : instrument.spec.contract === 'inverse' ? Number.NaN : high);
}

function guessOf(
  instrument: Instrument,
  from: MarkUnits,
  now: number,
  falling: boolean,
  room: (mark: MarkUnits) => number,
  high: number,
): number {
  const step = Math.max(1, Math.floor(from / 256));
  const near = falling ? Math.max(1, from - step) : Math.min(high, from + step);
  const then = room(marks(near));
  return instrument.spec.contract === 'inverse'
    ? 1 / zeroOfLine(1 / from, now, 1 / near, then)
    : zeroOfLine(from, now, near, then);
}
