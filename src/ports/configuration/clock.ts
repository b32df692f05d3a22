import { token } from '../../injection/token.js';

/** World time: epoch milliseconds, UTC. In paper and backtest it is the exchange's time, not the host's. */
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
