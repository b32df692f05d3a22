import type { Clock } from './clock.js';
import { token } from '../../injection/token.js';

/** One answer of the venue about its clock, with our monotonic instants before and after it. */
export interface TimeAnswer {
  readonly at: number;
  readonly askedAt: number;
  readonly answeredAt: number;
}

/** `corrected`: world time was wrong, and what was refused for its instant was refused for nothing else. */
export type TimeNews = 'suspected' | 'corrected';

/**
 * How well the world's time is known. World time is the venue's: `Clock.now()` and every stamp that a venue sends are
 * instants of one clock, so that nothing compares two. What is left is a bound, which whoever proves something by an
 * instant adds on the side that is safe.
 */
export interface VenueTime {
  /** Furthest that `Clock.now()` may be from the venue's own clock, in ms; zero where both are one. */
  readonly boundMs: number;
  /** What of `boundMs` is known by measuring: zero where the venue tells no time. */
  readonly measuredMs: number;
  /** The venue's clock less the host's, in ms; undefined where it was never measured. */
  readonly offsetMs: number | undefined;
  /** Why instants are not good enough to add to a position by; undefined while they are. */
  readonly doubt: string | undefined;
  /** The host's clock has stepped since the last measure, or is suspected: the venue must be asked again. */
  readonly stepped: boolean;
  /** The best of several answers. World time follows it at once. Absent where there is nothing to measure. */
  adjust?(answers: readonly TimeAnswer[]): void;
  /** The venue has refused something for its instant that is good by this clock: it is measured anew at once. */
  suspect?(): void;
  /** Told of each suspicion, and of each measure that has put world time right. Gives back how to end it. */
  onDoubt?(listener: (news: TimeNews) => void): () => void;
}
export const VenueTime = token<VenueTime>('VenueTime');

/** A clock that is the venue's because it measures it. Bound where the world's time is not the host's own. */
export interface MeasuredClock extends Clock, VenueTime {}
export const MeasuredClock = token<MeasuredClock>('MeasuredClock');
