import { hold, type Decision } from '../../domain/decision.js';
import type { Instrument } from '../../domain/instrument.js';
import type { Position } from '../../domain/position.js';
import { lots } from '../../domain/units.js';

/** Holds that say why nothing is done; made once, because holding is what happens on almost every value. */
export const NO_SIGNAL = hold('No signal');
const SHORTS_OFF = hold('Bearish MA crossover, and shorts are off', { switchedOffBy: 'strategy.enableShorts' });
const NOTHING_TO_SELL = hold('Bearish MA crossover, and spot is not sold short');
export const ENTRIES_OFF = hold('New entries disabled', { switchedOffBy: 'strategy.disableNewEntries' });
export const REDUCE_ONLY_FLAT = hold('Reduce-only mode - no new entries');
export const REDUCE_ONLY_KEPT = hold('Reduce-only mode - position kept');

export const needMarks = (count: number): Decision => hold(`Need ${count} marks`);

/** In the place of a short. */
export const noShort = ({ isPerpetual }: Pick<Instrument, 'isPerpetual'>): Decision =>
  isPerpetual ? SHORTS_OFF : NOTHING_TO_SELL;

/** Closes the whole position: the quantity is stated, and the order must not open anything. */
export const closing = (position: Position, reason: string): Decision => ({
  action: 'close',
  reason,
  quantity: lots(Math.abs(position.lots)),
  reduceOnly: true,
});
