import { protects } from '#src/domain/order-state.js';
import type { StatusSource } from '#src/ports/market-services/lifecycle.js';
import { Protection } from '#src/ports/core-services/protection.js';
import { DIRECT, type Fate } from './faulty-wire.js';
import { coverWatch, STEP_MS, type Longest } from './cover-watch.js';
import { FaultyWorld, SYMBOL } from './faulty-world.js';
import { random } from './lives.js';

export interface CoverFigures {
  seeds: number;
  entries: number;
  /** Milliseconds without cover at the exchange while it answered, at most, and where. */
  readonly longest: Longest;
  /** The same over disturbances. */
  readonly longestDisturbed: Longest;
  /** As the bot counted them itself. */
  unprotectedSeconds: number;
  readonly failures: string[];
}

const SAFETY_MS = 60_000;

/** A venue that ends every stop as soon as it stands does not keep any: such endings are waited for longer. */
const ENDS_APART_MS = 12_000;

/** Whether a stop stands behind the position, by the exchange's own books. */
export async function coverSwarm(seeds: number, first = 1): Promise<CoverFigures> {
  const none = { ms: 0, seed: 0 };
  const figures: CoverFigures = {
    seeds,
    entries: 0,
    longest: { ...none },
    longestDisturbed: { ...none },
    unprotectedSeconds: 0,
    failures: [],
  };
  for (let seed = first; seed < first + seeds; seed += 1) await one(seed, figures);
  return figures;
}

async function one(seed: number, figures: CoverFigures): Promise<void> {
  const world = await new FaultyWorld({ seed, strategy: 'guarded', brackets: seed % 3 !== 0 }).start();
  try {
    const disturb = disturber(world, random(seed * 6_151));
    const { longest: clean, longestDisturbed: disturbed, failures } = figures;
    const watch = coverWatch(world, { seed, clean, disturbed, failures });
    for (const end = world.now + SAFETY_MS; world.now < end;) {
      if (world.now % 1_000 < STEP_MS) disturb();
      await world.run(STEP_MS);
      watch();
    }
    heal(world);
    for (const end = world.now + 5_000; world.now < end;) {
      await world.run(STEP_MS);
      watch();
    }
    figures.entries += world.orders.filter(({ request }) => !request.reduceOnly).length;
    const status = (world.get(Protection) as unknown as StatusSource).status();
    figures.unprotectedSeconds += Number(status['unprotected_s']);
    for (const violation of world.wire.violations) figures.failures.push(`seed ${seed}: ${violation}`);
  } finally {
    heal(world);
    await world.stop();
  }
}

export function disturber(world: FaultyWorld, draw: () => number): () => void {
  const rate = (most: number): number => (draw() < 0.3 ? 0 : draw() * most);
  const rates = {
    lost: rate(0.15),
    cut: rate(0.15),
    silent: rate(0.1),
    thrown: rate(0.1),
    slow: rate(0.15),
    drops: rate(0.1),
    outage: rate(0.05),
    ends: rate(0.3),
  };
  const { wire } = world;
  wire.fateOf = (): Fate => {
    const arrives = !(draw() < rates.lost);
    const pick = draw();
    const delay = draw() < rates.slow ? { delayMs: Math.floor(draw() * 3_000) } : {};
    if (pick < rates.silent) return { arrives, reply: 'silent', ...delay };
    if (pick < rates.silent + rates.cut) return { arrives, reply: 'cut', ...delay };
    if (pick < rates.silent + rates.cut + rates.thrown) return { arrives, reply: 'thrown', ...delay };
    return arrives ? { ...DIRECT, ...delay } : { arrives, reply: 'silent' };
  };
  wire.deliver = () => ({ copies: draw() < rates.drops ? 0 : 1, delayMs: 0 });
  let endedAt = Number.NEGATIVE_INFINITY;
  return () => {
    wire.down = wire.down ? draw() < 0.7 : draw() < rates.outage;
    if (!(draw() < rates.ends) || world.now - endedAt < ENDS_APART_MS) return;
    const stop = world.venue.openOrders(SYMBOL).find(({ request, asleep }) => protects(request) && !asleep);
    if (stop === undefined) return;
    endedAt = world.now;
    void wire.endAtVenue(stop.request.clientId, SYMBOL);
  };
}

export function heal({ wire }: FaultyWorld): void {
  wire.down = wire.mute = false;
  wire.fateOf = () => DIRECT;
  wire.deliver = () => ({ copies: 1, delayMs: 0 });
}
