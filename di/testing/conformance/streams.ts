import { MINUTE_MS } from '../../../src/domain/time-spans.js';
import { expectSame, expectThat } from './expecting.js';
import { mutating } from './mutation.js';
import { type Scenario, streamed } from './scenario.js';
import type { ConformanceWorld } from './world.js';

const HEALED_MS = 2 * MINUTE_MS;
/** Nobody is heard of for so long at most before it is said. */
const SILENT_MS = 20_000;
const STEP_MS = 250;

async function begun(world: ConformanceWorld): Promise<void> {
  world.keep();
  await world.scheduler.advance(1_000);
  world.expectEqual();
}

/** How long it takes until something is said of it. */
async function doubted(world: ConformanceWorld, move: (step: number) => void): Promise<void> {
  const from = world.clock.now();
  const doubts = (): number => world.told.filter(({ kind }) => ['gap', 'stale', 'closed'].includes(kind)).length;
  const before = doubts();
  for (let step = 1; doubts() === before; step += 1) {
    const passed = world.clock.now() - from;
    expectThat(passed <= SILENT_MS, `A silence must be said within ${SILENT_MS} ms, and nothing is after ${passed}.`);
    move(step);
    await world.scheduler.advance(STEP_MS);
    world.expectNoWrongPrice();
  }
}

/** Of whatever channel tells something within so long nothing more is heard; the others go on. */
async function silence({ wire, scheduler }: ConformanceWorld, ms: number): Promise<void> {
  wire.faults(['silent-channel']);
  await scheduler.advance(ms);
  wire.faults([]);
}

const H4 = streamed(
  'H4',
  'a silence is said, of one channel or of all, and what piles up does no harm',
  async (world) => {
    await begun(world);
    world.move(world.market, 'buy', 3, 77);
    await silence(world, 150);
    await doubted(world, (step) => world.move(world.market, 'buy', 0, 100 + step));
    await world.healed(HEALED_MS);
  },
  async (world) => {
    await begun(world);
    if (world.heard('mark').length === 0) return;
    await silence(world, 1_100);
    await doubted(world, (step) => world.move(world.market, 'buy', 0, 100 + step));
    await world.healed(HEALED_MS);
  },
  async (world) => {
    await begun(world);
    world.line.isHalfOpen = true;
    await doubted(world, (step) => world.move(world.market, 'buy', 0, 100 + step));
    world.line.isHalfOpen = false;
    await world.healed(HEALED_MS);
  },
  async (world) => {
    await begun(world);
    const held: string[] = [];
    world.line.way = (text) => {
      held.push(text);
      return [];
    };
    for (let step = 1; step <= 20; step += 1) {
      world.move(world.market, 'buy', 0, 100 + step);
      await world.scheduler.advance(STEP_MS);
      world.expectNoWrongPrice();
    }
    world.line.way = (text) => [...held.splice(0), text];
    await world.healed(HEALED_MS);
  },
  async (world) => {
    await begun(world);
    world.wire.faults(['slow-reader']);
    world.move(world.market, 'buy', 0, 111);
    await world.scheduler.advance(STEP_MS);
    world.wire.faults([]);
    await world.healed(HEALED_MS);
  },
);

const ended =
  (end: (world: ConformanceWorld) => void) =>
  async (world: ConformanceWorld): Promise<void> => {
    await begun(world);
    const from = world.clock.now();
    end(world);
    await world.scheduler.advance(100);
    expectThat(world.heard('closed').length > 0, 'The end of a stream must be told within the instant, and is not.');
    expectSame(world.books.top(world.market.symbol), undefined, 'What is believed of a book that is not heard');
    world.line.isDown = false;
    await world.healed(HEALED_MS);
    expectThat(world.opened(from).length > 0, 'A stream that has ended must be opened again.');
    expectSame(world.mostAtOnce, 1, 'Openings at once');
  };

const H7 = streamed(
  'H7',
  'a socket that ends, with a word or without one, is opened again, and the book is whole',
  ended((world) => world.wire.goAway()),
  ended((world) => world.line.cut()),
);

const HUGE = 10 * 2 ** 20;
const DEEP = 100_000;

/** What no venue says today. */
const oddities = (symbol: string): readonly string[] => [
  '',
  'not JSON',
  'null',
  '42',
  '[]',
  '{}',
  '{"nextYear":true}',
  `{"stream":"nextYear","data":{"e":"nextYear","E":1,"s":"${symbol}"}}`,
  `{"e":"nextYear","s":"${symbol}","x":"${'x'.repeat(HUGE)}"}`,
  `${'['.repeat(DEEP)}${']'.repeat(DEEP)}`,
  `${'{"a":'.repeat(DEEP)}1${'}'.repeat(DEEP)}`,
];

const H8 = streamed('H8', 'what cannot be understood ends nothing but itself', async (world) => {
  await begun(world);
  for (const text of oddities(world.market.symbol)) {
    world.wire.say(text);
    world.move(world.market, 'buy', 0, 1 + world.told.length);
    await world.scheduler.advance(STEP_MS);
    world.expectNoWrongPrice();
    await world.healed(HEALED_MS);
  }
});

const H9 = streamed(
  'H9',
  'a message of which anything is wrong is refused, and never another price or number',
  ...[1, 2, 3].map((seed) => async (world: ConformanceWorld): Promise<void> => {
    await begun(world);
    world.line.way = mutating(seed);
    for (let step = 1; step <= 80; step += 1) {
      world.move(world.market, step % 2 === 0 ? 'buy' : 'sell', step % 5, 1 + step);
      world.market.trade(world.market.spec.tick.times(9), world.market.spec.step, 'sell');
      await world.scheduler.advance(STEP_MS);
      world.expectNoWrongPrice();
    }
    for (const event of world.told)
      expectThat(
        !/NaN|Infinity|:null/.test(JSON.stringify(event)),
        `Nothing may be told for what is missing: ${event.kind}`,
      );
    world.line.way = (text) => [text];
    await world.healed(HEALED_MS);
  }),
);

const FLAPS = 30;
/** In a minute. */
const MOST_OPENINGS = 20;
const MOST_REQUESTS = 60;
/** Requests and sockets, whether somebody was there or not. */
const MOST_TRIES = 120;

const H11 = streamed('H11', 'a server that comes and goes is tried with pauses that grow', async (world) => {
  await begun(world);
  const from = world.clock.now();
  const before = world.line.tried;
  for (let flap = 0; flap < FLAPS; flap += 1) {
    world.line.cut();
    await world.scheduler.advance(1_000);
    world.line.isDown = false;
    await world.scheduler.advance(1_000);
    world.expectNoWrongPrice();
  }
  const [attempts, sent] = [world.attempts.filter((at) => at >= from).length, world.requests(from).length];
  expectThat(attempts <= MOST_OPENINGS, `At most ${MOST_OPENINGS} openings in a minute, there were ${attempts}.`);
  expectThat(sent <= MOST_REQUESTS, `At most ${MOST_REQUESTS} requests in a minute, there were ${sent}.`);
  const tries = world.line.tried - before;
  expectThat(tries <= MOST_TRIES, `At most ${MOST_TRIES} tries in a minute, there were ${tries}.`);
  expectThat(Math.max(...world.pauses) >= 4 * (world.pauses[0] ?? 0), 'Pauses must grow, and do not.');
  expectSame(world.mostAtOnce, 1, 'Openings at once');
  await world.healed(HEALED_MS);
});

const SECONDS = 3;
/** Moves in a millisecond: 5,000 in a second. */
const BURST = 5;

const H12 = streamed(
  'H12',
  'five thousand messages a second leave nothing behind, and a pause does not either',
  async (world) => {
    await begun(world);
    const { market, scheduler, line } = world;
    const waiting = scheduler.pending;
    let held: string[] = [];
    let before = 0;
    for (let ms = 0; ms < SECONDS * 1_000; ms += 1) {
      // The loop stands still for the second before the last.
      if (ms === (SECONDS - 2) * 1_000)
        line.way = (text) => {
          held.push(text);
          return [];
        };
      if (ms === (SECONDS - 1) * 1_000)
        line.way = (text) => {
          const all = [...held, text];
          held = [];
          line.way = (each) => [each];
          before = world.told.length;
          return all;
        };
      for (let size = 1; size <= BURST; size += 1) world.move(market, 'buy', 0, 1 + ((ms * BURST + size) % 5_000));
      await scheduler.advance(1);
    }
    await scheduler.advance(1_000);
    world.expectEqual();
    expectThat(scheduler.pending <= waiting + 2, `No timers may pile up, and ${scheduler.pending} wait.`);
    const [first] = world.told.slice(before);
    const heldFor = world.clock.now() - 2_500;
    expectThat(first !== undefined && first.at < heldFor, 'What was held back must bear the time of the venue.');
  },
);

export const STREAMS: readonly Scenario[] = [H4, H7, H8, H9, H11, H12];
