import { token } from '../injection/token.js';

/** Timers on world time. Refuses NaN, negative and overlong delays (`TIME-001`) instead of firing at once. */
export interface Scheduler {
  /** Calls once after `delayMs`; returns the canceller. */
  after(delayMs: number, callback: () => void): () => void;
  /** Resolves after `delayMs`, or at once, without error, when the signal aborts. */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
  /** Timers not yet fired; zero after a clean stop. */
  readonly pending: number;
}
export const Scheduler = token<Scheduler>('Scheduler');

/** The same on host time, for stop budgets, request timeouts of real venues and watchdogs. */
export const HostScheduler = token<Scheduler>('HostScheduler');
