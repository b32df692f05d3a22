import { protects } from '#src/domain/order-state.js';
import { SYMBOL, type FaultyWorld } from './faulty-world.js';

/** The longest of something, and the seed in which it was. */
export interface Longest {
  ms: number;
  seed: number;
}

export const STEP_MS = 250;
/** The line has no length of its own: what is allowed is the bound, and the step of this watch. */
const BOUND_MS = 2_000 + STEP_MS;

export const longer = (longest: Longest, ms: number, seed: number): void => {
  if (ms > longest.ms) Object.assign(longest, { ms, seed });
};

/** Lots of the position that no stop at the exchange stands behind, by the exchange's own books. */
export function bare({ venue }: FaultyWorld): number {
  const market = venue.markets.get(SYMBOL);
  const held = market?.position.lots ?? 0;
  if (market === undefined || Math.abs(held) < market.instrument.minLots) return 0;
  let covered = 0;
  for (const { request, remaining, entry, filled, asleep } of venue.openOrders(SYMBOL)) {
    if (!protects(request) || asleep || request.side !== (held > 0 ? 'sell' : 'buy')) continue;
    covered += Math.min(remaining, entry === undefined ? Infinity : entry.filled - filled);
  }
  return Math.max(0, Math.abs(held) - covered);
}

export interface CoverWatch {
  readonly seed: number;
  /** Without cover, disturbances included. */
  readonly disturbed?: Longest;
  /** Without cover while the exchange answered. */
  readonly clean: Longest;
  readonly failures: string[];
  /** Nothing before this instant counts. */
  readonly notBefore?: () => number;
}

/** Looks once each time it is called; true while everything is covered. */
export function coverWatch(world: FaultyWorld, { seed, disturbed, clean, failures, notBefore }: CoverWatch) {
  let since: number | undefined;
  let told = false;
  return (): boolean => {
    if (world.wire.isDisturbed) world.wire.disturbedAt = world.now;
    const lots = bare(world);
    if (lots === 0) {
      since = undefined;
      told = false;
      return true;
    }
    since ??= world.now;
    if (disturbed !== undefined) longer(disturbed, world.now - since, seed);
    const ms = world.now - Math.max(since, world.wire.disturbedAt, notBefore?.() ?? since);
    longer(clean, ms, seed);
    if (ms > BOUND_MS && !told) {
      told = true;
      failures.push(`seed ${seed} at ${world.now}: ${lots} lots bare for ${ms} ms while it answered`);
    }
    return false;
  };
}
