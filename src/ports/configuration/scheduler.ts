import { token } from '../../injection/token.js';

/** Timers on world time. Refuses NaN, negative and overlong delays (`TIME-001`) instead of firing at once. */
export interface Scheduler {
  /** Calls once after `delayMs`; returns the canceller. */
  after(delayMs: number, callback: () => void): () => void;
  /** Resolves after `delayMs`, or at once, without error, when the signal aborts. */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
  /** Timers not yet fired; zero after a clean stop. */
  readonly pending: number;
  /**
   * World time stands still until `work` has ended, however: it takes the host's time, on a disk or a socket, and none
   * of the world's. Never for what itself waits for world time. Absent where the world's time is the host's.
   */
  waitFor?(work: Promise<unknown>): void;
  /** What a wait of so much world time takes on the host. Absent where the world's time is the host's. */
  hostMs?(worldMs: number): number;
}
export const Scheduler = token<Scheduler>('Scheduler');

/** The same on host time, for stop budgets, request timeouts of real venues and watchdogs. */
export const HostScheduler = token<Scheduler>('HostScheduler');

/**
 * A scheduler that moves its world's clock itself, from timer to timer, as fast as it computes. Between two timers
 * everything already resolved has run. Timers of one instant run in the order in which they were set.
 */
export interface DrivenScheduler extends Scheduler {
  /** Instant of the earliest timer, or undefined when nothing is scheduled. */
  readonly nextAt: number | undefined;
  /** Time stands still: timers are kept, none fires by itself. */
  pause(): void;
  resume(): void;
  /** Fires what is due up to and including `at`, at once and without awaiting, then sets the clock to `at`. */
  advanceTo(at: number): void;
  /** The same, letting everything resolved run after each timer; also while paused. One run at a time (`TIME-001`). */
  runUntil(at: number): Promise<void>;
}
export const DrivenScheduler = token<DrivenScheduler>('DrivenScheduler');
