import type { OrderRequest } from '#src/domain/order.js';
import { signOf } from '#src/domain/order.js';
import { units } from '#src/domain/units.js';
import { Portfolio } from '#src/ports/runtime-state/portfolio.js';
import { SafetyLadder } from '#src/ports/storage/safety-ladder.js';
import { DIRECT, type Delivery, type Fate } from './faulty-wire.js';
import { FaultyWorld, MAX_POSITION, SYMBOL } from './faulty-world.js';
import { random } from './lives.js';
import { overSeeds } from './over-seeds.js';

export interface SwarmFigures {
  seeds: number;
  orders: number;
  fills: number;
  unknown: number;
  lost: number;
  readonly failures: string[];
}

const SAFETY_MS = 90_000;
const LIVENESS_MS = 120_000;

/** Seeds one after another: each draws how much of which fault it has, some none, some all. */
export async function swarm(seeds: number, first = 1): Promise<SwarmFigures> {
  const figures: SwarmFigures = { seeds, orders: 0, fills: 0, unknown: 0, lost: 0, failures: [] };
  return overSeeds([first, seeds], figures, one);
}

/** Faults for a while, with an invariant check every second of the world; then none, and everything must come right. */
async function one(seed: number, figures: SwarmFigures): Promise<void> {
  const world = await new FaultyWorld({ seed, strategy: 'churn' }).start();
  const say = (what: string): number => figures.failures.push(`seed ${seed} at ${world.now}: ${what}`);
  try {
    const disturb = disturber(world, random(seed * 7_919));
    for (const end = world.now + SAFETY_MS; world.now < end;) {
      disturb();
      await world.run(1_000);
    }
    heal(world);
    const differences = (): string[] => world.differences({ settled: true, inOrder: false });
    const settled = await world.until(() => differences().length === 0, LIVENESS_MS);
    if (!settled) for (const difference of differences()) say(difference);
    for (const violation of [...world.wire.violations, ...reduceOnlyViolations(world)]) say(violation);
    const exposure = world.get(Portfolio).unit.of(units(world.wire.largestExposure));
    if (exposure.gt(MAX_POSITION * 1.02)) say(`exposure at the exchange was ${exposure.toString()}`);
    const { state, reason } = world.get(SafetyLadder);
    if (state !== 'NORMAL' && reason !== 'drill') say(`the safety state became ${state}: ${String(reason)}`);
    count(world, figures);
  } finally {
    heal(world);
    await world.stop();
  }
}

/** Sets this seed's rates once; the line goes down and up, and sometimes an operator halts near the end. */
function disturber(world: FaultyWorld, draw: () => number): () => void {
  const rate = (most: number): number => (draw() < 0.3 ? 0 : draw() * most);
  const rates = {
    lost: rate(0.3),
    cut: rate(0.3),
    silent: rate(0.2),
    thrown: rate(0.1),
    slow: rate(0.3),
    late: rate(0.2),
    copies: rate(0.5),
    drops: rate(0.3),
    reorder: rate(1),
    outage: rate(0.04),
    mute: rate(0.15),
    reads: rate(0.1),
  };
  const { wire } = world;
  wire.lagMs = draw() < 0.5 ? 0 : draw() * 8_000;
  wire.fateOf = (): Fate => fate(draw, rates);
  wire.deliver = (): Delivery => ({
    copies: draw() < rates.drops ? 0 : 1 + Math.floor(draw() * 3 * rates.copies),
    delayMs: draw() < rates.reorder ? Math.floor(draw() * 3_000) : 0,
  });
  const haltAt = draw() < 0.2 ? world.now + SAFETY_MS - 15_000 : Infinity;
  return () => {
    wire.down = wire.down ? draw() < 0.8 : draw() < rates.outage;
    wire.mute = wire.mute ? draw() < 0.9 : draw() < rates.mute;
    wire.failing.clear();
    for (const read of [
      'getOrder',
      'listOpenOrders',
      'listFills',
      'listPositions',
      'getQuote',
      'listFundingPayments',
    ] as const)
      if (draw() < rates.reads) wire.failing.add(read);
    if (world.now >= haltAt && world.get(SafetyLadder).state === 'NORMAL')
      void world.get(SafetyLadder).tighten('HALTED', 'drill', 'operator');
  };
}

function fate(
  draw: () => number,
  rates: Readonly<Record<'lost' | 'cut' | 'silent' | 'thrown' | 'slow' | 'late', number>>,
): Fate {
  const arrives = !(draw() < rates.lost);
  const pick = draw();
  const reply =
    !arrives || pick < rates.silent
      ? 'silent'
      : pick < rates.silent + rates.cut
        ? 'cut'
        : draw() < rates.thrown
          ? 'thrown'
          : draw() < rates.late
            ? 'late'
            : 'told';
  if (!(draw() < rates.slow)) return { ...DIRECT, arrives, reply };
  // Longer than every margin of the protocol, now and then.
  return { arrives, reply, delayMs: Math.floor(10 ** (draw() * 4.8)) };
}

function heal({ wire }: FaultyWorld): void {
  wire.down = wire.mute = false;
  wire.failing.clear();
  wire.lagMs = 0;
  wire.fateOf = () => DIRECT;
  wire.deliver = () => ({ copies: 1, delayMs: 0 });
}

/** At the exchange: no reduce-only order ever enlarged or flipped the position (I-13). */
function reduceOnlyViolations(world: FaultyWorld): string[] {
  const requests = new Map<string, OrderRequest>(world.orders.map((order) => [order.request.clientId, order.request]));
  const violations: string[] = [];
  let position = 0;
  for (const fill of world.venue.fills) {
    const after = position + signOf(fill.side) * fill.lots;
    const shrank = Math.abs(after) < Math.abs(position) && (after === 0 || after > 0 === position > 0);
    if (requests.get(fill.clientId)?.reduceOnly === true && !shrank)
      violations.push(`reduce-only ${fill.clientId} moved ${SYMBOL} from ${position} to ${after}`);
    position = after;
  }
  return violations;
}

function count(world: FaultyWorld, figures: SwarmFigures): void {
  figures.orders += world.wire.sent.length;
  figures.fills += world.venue.fills.length;
  figures.unknown += world.records('order_unknown').length;
  figures.lost += world.records('order_lost').length;
}
