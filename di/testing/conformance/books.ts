import { SeededRandom } from '../../../src/platform/seeded-random.js';
import type { WireFault } from '../../../src/ports/venue/serving/wire-faults.js';
import type { LineWay } from './bad-line.js';
import { expectSame, expectThat } from './expecting.js';
import { anywhere, type Scenario, streamed } from './scenario.js';
import type { ConformanceWorld } from './world.js';

const STEPS = 40;
const STEP_MS = 250;
const HEALED_MS = 60_000;
/** Requests of a minute at most, whatever goes wrong: a snapshot is the heaviest that there is. */
const MOST_REQUESTS = 60;

/** A market that moves at both sides, near the best prices and behind them. */
async function walk(world: ConformanceWorld, steps: number, look: (step: number) => void): Promise<void> {
  const random = new SeededRandom().stream('walk', 1);
  for (let step = 0; step < steps; step += 1) {
    for (const market of world.simulator.markets) {
      const away = Math.floor(random.next() * 8) - 2;
      world.move(market, random.next() < 0.5 ? 'buy' : 'sell', away, 1 + Math.floor(random.next() * 900));
      // What was best goes, now and then.
      const side = random.next() < 0.5 ? 'buy' : 'sell';
      if (step % 3 === 2) world.move(market, side, 0, 0);
    }
    await world.scheduler.advance(STEP_MS);
    look(step);
  }
}

const H1 = streamed('H1', "best prices and sizes are the venue's, at every step", async (world) => {
  await world.book(2, world.symbols);
  await walk(world, STEPS * 2, () => {
    for (const market of world.simulator.markets) world.expectEqual(market);
  });
  expectSame([world.heard('gap'), world.heard('stale'), world.heard('closed')], [[], [], []], 'Doubts without a cause');
});

/** One message in ten suffers. */
function some(what: (text: string) => readonly string[]): LineWay {
  const random = new SeededRandom().stream('way', 1);
  return (text) => (random.next() < 0.1 ? what(text) : [text]);
}

/** Some come after eight that were to follow them. */
function late(): LineWay {
  const kept: { readonly text: string; left: number }[] = [];
  const lag = some((text) => {
    kept.push({ text, left: 8 });
    return [];
  });
  return (text) => {
    const told = [...lag(text)];
    for (const each of kept) each.left -= told.length;
    while (kept[0] !== undefined && kept[0].left <= 0) told.push(String(kept.shift()?.text));
    return told;
  };
}

/** Some are told once more, long after. */
function stale(): LineWay {
  const old: string[] = [];
  return some((text) => {
    old.push(text);
    return [text, ...old.slice(0, 3)];
  });
}

interface Suffered {
  readonly faults?: readonly WireFault[];
  readonly isWhole?: boolean;
}

/** `isWhole`: nothing is missing in the end, so nothing need be said. */
const broken =
  (way: () => LineWay, { faults = [], isWhole = false }: Suffered = {}) =>
  async (world: ConformanceWorld): Promise<void> => {
    world.keep(world.symbols);
    await world.scheduler.advance(1_000);
    world.expectEqual();
    const from = world.clock.now();
    world.line.way = way();
    world.wire.faults(faults);
    const doubts = (): number => world.heard('gap').length + world.heard('closed').length;
    const before = doubts();
    await walk(world, STEPS, () => world.expectNoWrongPrice());
    expectThat(isWhole || doubts() > before, 'What is missing must be said.');
    world.line.way = (text) => [text];
    world.wire.faults([]);
    for (const market of world.simulator.markets) await world.healed(HEALED_MS, market);
    const minutes = Math.ceil((world.clock.now() - from) / 60_000);
    const sent = world.requests(from).length;
    expectThat(sent <= MOST_REQUESTS * minutes, `At most ${MOST_REQUESTS} requests a minute, ${sent} were sent.`);
  };

const same: LineWay = (text) => [text];

const H2 = streamed(
  'H2',
  'no book is told over a hole: it is taken back, and begun anew within the budget',
  broken(() => some(() => [])),
  broken(() => some((text) => [text, text]), { isWhole: true }),
  broken(late),
  broken(stale, { isWhole: true }),
  broken(() => same, { faults: ['sequence-gap'] }),
  broken(() => some(() => []), { faults: ['stale-snapshot'] }),
);

const H3 = streamed(
  'H3',
  'a book that crosses is taken back, a level of nothing is none, and one that was not there may go',
  async (world) => {
    world.keep();
    await world.scheduler.advance(1_000);
    world.wire.faults(['crossed-book']);
    for (let passed = 0; passed < 2_000; passed += STEP_MS) {
      world.move(world.market, 'sell', 0, 500 + passed);
      await world.scheduler.advance(STEP_MS);
      expectThat(!world.books.isCrossed(world.market.symbol), 'A book that crosses must not be believed, and is.');
    }
    expectThat(world.heard('gap').length + world.heard('closed').length > 0, 'That it crosses must be said.');
    world.wire.faults([]);
    await world.healed(HEALED_MS);
  },
  async (world) => {
    const { market } = world;
    world.wire.flaw('zero level', market.symbol);
    await world.book();
    world.expectEqual();
    const { tick } = market.spec;
    const best = market.best('buy')?.price;
    expectThat(best !== undefined, 'There must be a bid.');
    market.update([{ price: best.minus(tick.times(15)), size: tick.times(0) }], []);
    world.move(market, 'sell', 0, 7);
    await world.scheduler.advance(1_000);
    world.expectEqual();
    expectSame([world.heard('gap'), world.heard('closed')], [[], []], 'Doubts without a cause');
  },
);

export const BOOKS: readonly Scenario[] = [anywhere(H1), H2, H3];
