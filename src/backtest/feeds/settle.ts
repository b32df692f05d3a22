import type { InFlight } from '../../ports/core-services/simulated-exchange.js';
import type { PumpServices } from '../pump-services.js';

/**
 * `wire` is the one that takes time, if there is one. Waits for work under way as far as it does not wait for venue
 * time: until nothing is pending, or until what is pending has a request on the wire (or stands in the queue behind
 * one). The journal's disk is waited for first; then one turn of the host's loop follows every promise that was
 * resolved to its end.
 */
export async function settle(services: PumpServices, wire: InFlight | undefined, now: number): Promise<void> {
  const { pending, journal, scheduler } = services;
  if (wire === undefined) {
    await pending.idle();
    return;
  }
  do {
    await journal.flush();
    await scheduler.runUntil(now);
  } while (pending.count > 0 && wire.travelling === 0);
}

/** When something next happens of its own: a delivery, or a timer of whoever waits for one. */
export function wakeAt({ scheduler }: PumpServices, wire: InFlight | undefined): number {
  if (wire === undefined || wire.nextAt === Number.POSITIVE_INFINITY) return Number.POSITIVE_INFINITY;
  return wire.travelling > 0 ? Math.min(wire.nextAt, scheduler.nextAt ?? Number.POSITIVE_INFINITY) : wire.nextAt;
}
