import { MINUTE_MS } from '../../../src/domain/time-spans.js';
import type { MarketAdapter } from './contract.js';
import { expectLacking, expectRefusal, expectSame, expectThat } from './expecting.js';
import { asked, inWorld, type Scenario, streamed } from './scenario.js';
import type { ConformanceWorld } from './world.js';

const SKEWS = [300, -300, 3_000, -3_000, 30_000, -30_000];
const BEYOND_MS = 10_000;
/** So long the server answers nothing but 503. */
const UNWELL_MS = 20_000;
const MOST_REQUESTS = 30;

/** Moves the time to just behind the next minute of a clock that is so far before ours. */
async function pastMinute({ clock, scheduler }: ConformanceWorld, aheadMs: number): Promise<void> {
  const now = clock.now() + aheadMs;
  await scheduler.advance(MINUTE_MS - (now % MINUTE_MS) + BEYOND_MS);
}

async function candlesBy(world: ConformanceWorld, skewMs: number): Promise<void> {
  const { market, adapter, clock } = world;
  market.trade(market.spec.tick.times(1_000), market.spec.step, 'buy');
  for (const aheadMs of [skewMs, 0]) {
    await pastMinute(world, aheadMs);
    const candles = await world.within(adapter.getCandles(market.symbol, MINUTE_MS, 5));
    const venueNow = clock.now() + skewMs;
    const newest = Math.floor(venueNow / MINUTE_MS) * MINUTE_MS - MINUTE_MS;
    expectSame(candles.at(-1)?.openAt, newest, `The newest candle that has closed, ${skewMs} ms ahead,`);
  }
}

async function told(world: ConformanceWorld, skewMs: number): Promise<void> {
  const { adapter, clock, venue } = world;
  const time = adapter.getServerTime?.() ?? Promise.reject(new Error('it has no such member'));
  if (!venue.knows.serverTime) await expectLacking(time, 'the time of the venue');
  else expectSame(await world.within(time), clock.now() + skewMs, 'The time of the venue');
}

const A3: Scenario = {
  id: 'A3',
  title: "the venue's clock is what counts, whether it is before ours or behind it",
  needsBook: false,
  needsWire: true,
  run: async (venue) => {
    for (const skewMs of SKEWS) {
      await inWorld(venue, (world) => candlesBy(world, skewMs), skewMs);
      await inWorld(venue, (world) => told(world, skewMs), skewMs);
    }
  },
};

const A4 = asked('A4', 'what is not production is no production, and production is no testnet', async (world) => {
  const { production = {} } = world.venue;
  const { restUrl, streamUrl } = world.wire;
  const adapters: MarketAdapter[] = [world.adapter];
  const at = (...asked: Parameters<ConformanceWorld['adapterAt']>): string | undefined => {
    const adapter = world.adapterAt(...asked);
    adapters.push(adapter);
    return adapter.environment;
  };
  expectSame(world.adapter.environment, 'testnet', 'The environment of loopback');
  expectSame(at('live', { restUrl, streamUrl }), 'testnet', 'The environment of loopback that is called live');
  expectSame(at('testnet', {}), 'testnet', 'The environment of the demo');
  expectSame(at('live', {}), 'live', 'The environment of production');
  expectSame(at('live', production), 'live', 'The environment of production by its names');
  let pretended: string | undefined = 'refused';
  try {
    pretended = at('testnet', production);
  } catch {
    // As it should be.
  }
  expectSame(pretended, 'refused', 'Production that is called a testnet');
  expectSame(world.log, [], 'What was sent before anybody asked');
  for (const adapter of adapters) adapter.close?.();
});

const A5 = streamed(
  'A5',
  'a server that is unwell is tried again, one attempt at a time, until it is well',
  async (world) => {
    world.wire.faults(['server-error']);
    world.keep();
    await world.scheduler.advance(UNWELL_MS);
    expectThat(world.attempts.length > 1, 'It must be tried again, and is not.');
    expectSame(world.mostAtOnce, 1, 'Attempts at once');
    const sent = world.requests().length;
    expectThat(sent <= MOST_REQUESTS, `At most ${MOST_REQUESTS} requests are sent in 20 s, and ${sent} were.`);
    world.wire.faults([]);
    await world.healed(MINUTE_MS);
  },
  async (world) => {
    world.wire.faults(['server-error']);
    world.keep();
    await world.scheduler.advance(UNWELL_MS / 2);
    const tookMs = await world.giveUp();
    expectThat(tookMs <= 100, `An attempt that nobody wants any more must end within 100 ms, and took ${tookMs}.`);
  },
);

/** As the host says it. */
const UNTRUSTED = [
  'self-signed certificate in certificate chain',
  "Hostname/IP does not match certificate's altnames",
  'certificate has expired',
];

const A6 = asked('A6', 'a certificate that is not to be believed ends it, and the host is named', async (world) => {
  const { adapter, line, wire, market } = world;
  const { host } = new URL(wire.restUrl);
  for (const words of UNTRUSTED) {
    line.untrusted = words;
    const { message } = await expectRefusal(world.within(adapter.listProducts()), 'a listing');
    expectThat(
      message.includes(host) && message.includes(words),
      `${host} and ${words} must be named, was: ${message}`,
    );
    await expectRefusal(world.book(), 'a stream');
    await expectRefusal(world.within(adapter.getQuote(market.symbol)), 'a quote');
  }
  expectSame(world.log, [], 'What was sent all the same');
});

export const CONNECTION: readonly Scenario[] = [A3, A4, A5, A6];
