import { PerpsBotError } from '../../../domain/errors.js';
import type { DrivenClock } from '../../../ports/configuration/clock.js';
import type { Logger } from '../../../ports/configuration/logger.js';

/** Where a made-up world begins whose clock has not been set: 2024-01-02 00:00 UTC. */
const WORLD_START = Date.UTC(2024, 0, 2);

/**
 * Lets the world go on at the exchange's time, so that nothing happened while the process was down. A clock that is
 * already past it stays: the market then has a gap, as after an outage. `time` is NaN for an exchange that is new. True
 * where there is a gap.
 */
export function resumeClock(clock: DrivenClock, time: number, logger: Logger): boolean {
  if (Number.isNaN(time)) {
    if (clock.now() === 0) clock.set(WORLD_START);
    return false;
  }
  try {
    clock.set(time);
    return false;
  } catch (error) {
    if (!PerpsBotError.is(error) || error.code !== 'TIME-001') throw error;
    const [stoppedAt, now] = [time, clock.now()].map((at) => new Date(at).toISOString());
    logger.warn('The paper market resumes after a gap', { stoppedAt, now });
    return true;
  }
}
