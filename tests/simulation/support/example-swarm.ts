import { canOnlyReduce } from '#src/domain/order-state.js';
import { OrderLog } from '#src/ports/core-services/execution.js';
import type { StrategyDefinition } from '#src/ports/core-services/strategy.js';
import { disturber, heal } from './cover-swarm.js';
import { bare, coverWatch, STEP_MS, type Longest } from './cover-watch.js';
import { exitWatch, PositionLives } from './exit-watch.js';
import { fasterExample } from './faster-example.js';
import { FaultyWorld, SYMBOL } from './faulty-world.js';
import { random } from './lives.js';
import { overSeeds } from './over-seeds.js';

export interface ExampleFigures {
  seeds: number;
  entries: number;
  exits: number;
  /** Positions that were opened, by strategy. */
  readonly positions: Record<string, number>;
  /** Without cover while the exchange answered. */
  readonly longest: Longest;
  readonly failures: string[];
}

interface Example {
  readonly definition: () => StrategyDefinition;
  readonly params: Readonly<Record<string, string | number>>;
  /** Seconds until its indicators are ready. */
  readonly warmUp: number;
}

/** The strategies of the pages, a bar a second. */
const EXAMPLES: readonly Example[] = [
  {
    definition: () => fasterExample('ema-ladder', { '15m': '1s' }),
    params: { fast: 2, slow: 4, atr: 3, risk: '0.01%' },
    warmUp: 10,
  },
  {
    definition: () => fasterExample('bollinger-reversion', { '5m': '1s', '1h': '2s' }),
    params: { size: 10, width: 1, flatAdx: 100, risk: '0.01%' },
    warmUp: 60,
  },
  {
    definition: () => fasterExample('donchian-breakout', { '1h': '1s' }),
    params: { channel: 4, atr: 3, trail: 2, risk: '0.01%' },
    warmUp: 10,
  },
];

const SAFETY_MS = 75_000;
const LIVENESS_MS = 120_000;

/** The strategies of the pages in turns, at a venue and over a line that fail: what they have stays covered. */
export async function exampleSwarm(seeds: number, first = 1): Promise<ExampleFigures> {
  const longest = { ms: 0, seed: 0 };
  const figures: ExampleFigures = { seeds, entries: 0, exits: 0, positions: {}, longest, failures: [] };
  return overSeeds([first, seeds], figures, one);
}

async function one(seed: number, figures: ExampleFigures): Promise<void> {
  const example = EXAMPLES[seed % EXAMPLES.length] as Example;
  const strategy = example.definition();
  const { params } = example;
  const brackets = seed % 2 !== 0;
  const world = await new FaultyWorld({ seed, strategy, params, brackets }).start();
  const say = (what: string): number =>
    figures.failures.push(`seed ${seed} (${strategy.name}) at ${world.now}: ${what}`);
  const log = world.get(OrderLog);
  const lives = new PositionLives(world.venue, (id) => log.find(id), say);
  let isStopped = false;
  try {
    const cover = coverWatch(world, { seed, clean: figures.longest, failures: figures.failures });
    const exits = exitWatch(world, say);
    const watch = (): void => (cover(), exits(), lives.look());
    await world.run(example.warmUp * 1_000);
    const disturb = disturber(world, random(seed * 9_973));
    for (let step = 0; step < SAFETY_MS / STEP_MS; step += 1) {
      if (step % 4 === 0) disturb();
      await world.run(STEP_MS);
      watch();
    }
    heal(world);
    const differences = (): string[] => world.differences({ settled: true, inOrder: false });
    for (const end = world.now + LIVENESS_MS; differences().length > 0 && world.now < end;) {
      await world.run(STEP_MS);
      watch();
    }
    for (const difference of differences()) say(difference);
    for (const violation of world.wire.violations) say(violation);
    figures.entries += world.orders.filter(({ request }) => !canOnlyReduce(request)).length;
    figures.exits += world.orders.filter(({ request }) => canOnlyReduce(request)).length;
    figures.positions[strategy.name] = (figures.positions[strategy.name] ?? 0) + lives.opened;
    await world.stop();
    isStopped = true;
    await afterStop(world, say);
  } finally {
    heal(world);
    if (!isStopped) await world.stop();
  }
}

/** It is down: nothing more leaves, nothing that adds is left, and what is left of the position has its stop. */
async function afterStop(world: FaultyWorld, say: (what: string) => void): Promise<void> {
  const sent = world.wire.sent.length;
  await world.run(5_000);
  if (world.wire.sent.length > sent) say(`${world.wire.sent.slice(sent).join(', ')} left after the stop`);
  for (const { request } of world.venue.openOrders(SYMBOL))
    if (!canOnlyReduce(request)) say(`${request.clientId} is left behind`);
  if (bare(world) > 0) say(`${bare(world)} lots are left bare`);
}
