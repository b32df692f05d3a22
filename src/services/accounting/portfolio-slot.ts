import { fault } from '../../domain/errors.js';
import type { Instrument } from '../../domain/instrument.js';
import type { Position } from '../../domain/position.js';
import { marks, units, type MarkUnits, type Units } from '../../domain/units.js';

/** What the book holds for one symbol. A mark may come before the first fill names the instrument. */
export class PortfolioSlot {
  position: Position | undefined = undefined;
  /** NaN before the first: a number always, so that V8 updates the field in place instead of boxing a new one per mark. */
  mark: MarkUnits = marks(Number.NaN);
  unrealised: Units = units(0);
  margin: Units = units(0);

  get isMarked(): boolean {
    return this.mark > 0;
  }
}

/** The slot of an instrument that a fill or a reader has named. */
export interface OccupiedSlot extends PortfolioSlot {
  position: Position;
}

/** A venue may change an instrument's limits while we hold it, but not the scale its lots and ticks are counted in. */
export function assertSameScale(held: Instrument, given: Instrument): void {
  if (held.spec.tick.eq(given.spec.tick) && held.spec.step.eq(given.spec.step) && held.marksPerTick === given.marksPerTick) return;
  throw fault('NUM-002', `${held.symbol}: tick and step must stay ${held.spec.tick.toString()} and ${held.spec.step.toString()}, was ${given.spec.tick.toString()} and ${given.spec.step.toString()}.`, {
    why: 'The position is counted in the scale it was opened in.',
    fix: 'Restart the bot: the journal is then read in the new scale.',
  });
}
