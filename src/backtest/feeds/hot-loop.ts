import type { InFlight } from '../../ports/core-services/simulated-exchange.js';
import type { PumpServices } from '../pump-services.js';
import { HOUR_MS } from '../../domain/time-spans.js';

/**
 * What ends a stretch of events: venue time must pass on the wire, data must be fetched for the next step, or a timer
 * of the world is due: what was to be tried again after a pause.
 */
export type Obstacle = 'wire' | 'fetch' | 'timer';

/** Plays recorded events, one after the other, as far as nothing has to be awaited. */
export interface HotLoop {
  /** Bars, and messages of everything else, that have happened. */
  readonly events: number;
  /** The data has ended; false after an abort. */
  readonly ended: boolean;
  /** The bot has stepped in the last stretch. */
  readonly stepped: boolean;
  /** A bar has happened that has not closed yet. */
  readonly midway: boolean;
  /** World time of the last event. */
  readonly now: number;
  /** Instant of the step that data is to be fetched for. */
  readonly fetchAt: number;
  /** Instruments whose entry filters look at what must be fetched. */
  readonly needy: readonly string[];
  /**
   * A stretch of events. `parked` is the pending work that waits for venue time: nothing is gained by waiting for it.
   */
  advance(parked: number): Obstacle | undefined;
  /** World time goes on between two events. */
  move(at: number): void;
  /** What the step at `fetchAt` looks at has been fetched. */
  fetched(): void;
}

export const NEVER = Number.POSITIVE_INFINITY;

/** Over bars alone only candles change, by the hour: when they are to be fetched next. */
export const nextHour = (at: number): number => (Math.floor(at / HOUR_MS) + 1) * HOUR_MS;

/**
 * Over bars alone the newest close is as fresh as ever while the next bar lasts: what is asked within that meets the
 * next open at the earliest, and nobody could know more. Not so after bars that are missing.
 */
export function keepFresh({ freshness }: PumpServices, symbol: string, openAt: number, at: number): void {
  if ((freshness.lastUpdate(symbol) ?? Number.NaN) >= openAt) freshness.touch(symbol, at);
}

/** A timer of the world is due. Between two events nothing is known of the market: it fires after the event. */
export const hasTimerDue = ({ scheduler }: PumpServices, now: number): boolean => (scheduler.nextAt ?? NEVER) <= now;

/** The wire on which requests take time; undefined where they arrive at once. */
export const slowWire = ({ exchange }: PumpServices): InFlight | undefined =>
  exchange.wire?.takesTime === true ? exchange.wire : undefined;
