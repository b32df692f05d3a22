import type { HostClock } from '../../ports/configuration/clock.js';

/** The host's two clocks: one that only moves forward, and the wall clock, which people and NTP may set. */
export const hostTime: HostClock = { monotonic: () => Number(process.hrtime.bigint()) / 1e6, wall: () => Date.now() };
