import { hold, type Decision } from '../../domain/decision.js';
import type { Position } from '../../domain/position.js';
import { lots } from '../../domain/units.js';

/** Holds that say why nothing is done; made once, because holding is what happens on almost every value. */
export const NO_SIGNAL = hold('No signal');
export const SHORTS_OFF = hold('Bearish MA crossover, and shorts are off');
export const ENTRIES_OFF = hold('New entries disabled');
export const REDUCE_ONLY_FLAT = hold('Reduce-only mode - no new entries');
export const REDUCE_ONLY_KEPT = hold('Reduce-only mode - position kept');

export const needMarks = (count: number): Decision => hold(`Need ${count} marks`);

/** Closes the whole position: the quantity is stated, and the order must not open anything. */
export const closing = (position: Position, reason: string): Decision => ({
  action: 'close',
  reason,
  quantity: lots(Math.abs(position.lots)),
  reduceOnly: true,
});
