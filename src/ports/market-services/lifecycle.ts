import { token } from '../../injection/token.js';

/** A part that acts: started in phase order, stopped in reverse. `stop` is idempotent and safe before `start`. */
export interface Lifecycle {
  readonly name: string;
  start(): Promise<void> | void;
  stop(): Promise<void> | void;
}
export const Lifecycle = token<Lifecycle>('Lifecycle');

/** A continuous task of `run()`: supervised, restarted with backoff, ended by the signal. Returns when aborted. */
export interface BackgroundTask {
  readonly name: string;
  /** Asked once, when tasks are spawned. */
  readonly enabled: boolean;
  run(signal: AbortSignal): Promise<void>;
}
export const BackgroundTask = token<BackgroundTask>('BackgroundTask');

/* The bot's own tasks: `BackgroundTask` follows these tokens, so that rebinding one replaces that task and no other. */

export const RuntimeGuardsTask = token<BackgroundTask>('RuntimeGuardsTask');
export const OrderReconciliationTask = token<BackgroundTask>('OrderReconciliationTask');
export const PositionReconciliationTask = token<BackgroundTask>('PositionReconciliationTask');
export const AccountTelemetryTask = token<BackgroundTask>('AccountTelemetryTask');
/** Beside the seed's four: keeps order books current while a guard or the sizing needs them. */
export const ImpactBooksTask = token<BackgroundTask>('ImpactBooksTask');
/** Measures the venue's clock again and again, where world time follows it. */
export const VenueTimeTask = token<BackgroundTask>('VenueTimeTask');

/** A part that has something to say in the status file. */
export interface StatusSource {
  readonly name: string;
  status(): Record<string, unknown>;
}
export const StatusSource = token<StatusSource>('StatusSource');

/** Runs the bot: reconcile, spawn tasks, cycle, health, configuration check; cleans up in every case. */
export interface LifecycleService {
  /** Resolves when stopped, after everything is down. Rejects when the error budget of cycles is spent. */
  run(options?: RunOptions): Promise<void>;
  /** Ends `run` after the current step. Idempotent; safe from a signal handler. */
  requestStop(reason: string): void;
  readonly running: boolean;
  /** Names of the background tasks now alive. */
  readonly tasks: readonly string[];
}
export interface RunOptions {
  readonly singleCycle?: boolean;
  /** Stop by itself after this many cycles. */
  readonly cycles?: number;
}
export const LifecycleService = token<LifecycleService>('LifecycleService');

/** Starts every `Lifecycle` in binding order and stops what started, in reverse, each within its budget. */
export interface PartsSupervisor {
  start(): Promise<void>;
  /** Never rejects: a part that fails or overruns is reported, and the rest still stop. Idempotent. */
  stop(): Promise<StopReport>;
}
export interface StopReport {
  readonly stopped: readonly string[];
  readonly failed: readonly { readonly name: string; readonly error: string }[];
}
export const PartsSupervisor = token<PartsSupervisor>('PartsSupervisor');
