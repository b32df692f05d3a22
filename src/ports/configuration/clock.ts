import { token } from '../../injection/token.js';

/**
 * World time: epoch milliseconds, UTC. It is the venue's time in every world, not the host's: what is signed, expires
 * or is compared with a stamp of the venue is measured by this clock. How well it is known says `VenueTime`.
 */
export interface Clock {
  now(): number;
}
export const Clock = token<Clock>('Clock');

/** A clock that stands still until its world's driver moves it. Bound where the world's time is not the host's. */
export interface DrivenClock extends Clock {
  /** Never backwards: refuses (`TIME-001`) an earlier instant than `now()`. */
  set(at: number): void;
}
export const DrivenClock = token<DrivenClock>('DrivenClock');

/** Host time for budgets and watchdogs, whatever clock the world has. Monotonic milliseconds. */
export interface HostClock {
  monotonic(): number;
  /** Wall clock, epoch milliseconds: for file names and reports only. */
  wall(): number;
}
export const HostClock = token<HostClock>('HostClock');
