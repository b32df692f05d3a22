import { describe, expect, it } from '@jest/globals';
import { Decimal } from '#src/domain/decimal.js';
import { approve } from '#src/domain/risk.js';
import { ExactVenueTime } from '#src/platform/time/exact-venue-time.js';
import type { Clock } from '#src/ports/configuration/clock.js';
import type { VenueTime } from '#src/ports/configuration/venue-time.js';
import { ManualClock } from '#src/testing/manual-clock.js';
import { marketParts } from '../../support/market-parts.js';
import { measured, SkewedHost } from '../../support/skewed-host.js';
import { Rig, SYMBOL } from './rig.js';

/** One bot beside one venue, and what it takes for the venue's time. */
interface World {
  readonly venue: ManualClock;
  readonly ours: Clock;
  readonly time: VenueTime;
}

const rigOf = ({ venue, ours, time }: World): Rig => new Rig({ clock: venue, ours, time });
const submit = (rig: Rig, { ours }: World) => rig.gateway.submit(approve(rig.intent()), ours.now());

/** Every comparison of an instant of ours with one of the venue's, and what must come of it. */
const COMPARISONS: Readonly<Record<string, (world: World) => Promise<unknown>>> = {
  'a request expires two seconds after it was decided on, on the clock that decides': async (world) => {
    const rig = rigOf(world);
    const order = submit(rig, world);
    await rig.pending.idle();
    return [(order.request.expiresAt ?? 0) - world.venue.now(), rig.status(order)];
  },
  'an order is proven lost only once the venue can accept it no more': async (world) => {
    const rig = rigOf(world);
    rig.broker.always('placeOrder', { lost: 'request' });
    const order = submit(rig, world);
    await rig.pending.idle();
    for (let i = 0; i < 90 && rig.status(order) !== 'lost'; i += 1) {
      world.venue.advance(1_000);
      await rig.gateway.resolveUnknown(world.ours.now());
    }
    return world.venue.now() - (order.request.expiresAt ?? 0);
  },
  'the first fill of the first start is found by query alone': async (world) => {
    const rig = rigOf(world);
    await rig.stream.backfill();
    world.venue.advance(100);
    rig.broker.account.fills.push(rig.fill('x', 1, 't1'));
    return [await rig.stream.backfill(), rig.records('external_fill').length];
  },
  'and after a restart too': async (world) => {
    const rig = rigOf(world);
    await rig.stream.backfill();
    const { journal, broker, clock } = rig;
    const next = new Rig({ journal, broker, clock, ours: world.ours, time: world.time });
    next.stream.restore();
    world.venue.advance(100);
    next.broker.account.fills.push(next.fill('x', 1, 't1'));
    return next.stream.backfill();
  },
  'a streamed mark is as old as it is': async (world) => {
    const parts = await marketParts([SYMBOL], {}, world);
    parts.marketData.acceptMark(SYMBOL, parts.catalogue.instrument(SYMBOL).toMarks(new Decimal(1)), world.venue.now());
    world.venue.advance(700);
    return parts.freshness.age(SYMBOL, world.ours.now());
  },
  'a poll without a time does not hide what was streamed after it': async (world) => {
    const parts = await marketParts([SYMBOL], {}, world);
    parts.quote(SYMBOL, '100');
    await parts.marketData.updateMarks();
    world.venue.advance(5);
    const newest = parts.windows.find(SYMBOL)?.lastAt ?? NaN;
    return newest <= world.venue.now() && world.venue.now() - newest < 10;
  },
  'only candles that have closed at the venue warm a window': async (world) => {
    const parts = await marketParts([SYMBOL], {}, world);
    const every = parts.config.current.updateIntervalMs;
    const price = new Decimal(100);
    const candle = (openAt: number) => ({ openAt, open: price, high: price, low: price, close: price, volume: price });
    const last = world.venue.now() - 10;
    parts.broker.candles = [last - 3 * every, last - 2 * every, last - every, last].map(candle);
    await parts.marketData.warmUp();
    return parts.windows.find(SYMBOL)?.length;
  },
};

const names = Object.keys(COMPARISONS);
const run = (name: string, world: World): Promise<unknown> => COMPARISONS[name]!(world);

describe('every comparison of our time with the venue (NW-22)', () => {
  it.each(names.flatMap((name) => [-40_000, -900, 900, 40_000].map((ahead) => [name, ahead] as const)))(
    '%s: a host %d ms ahead',
    async (name, ahead) => {
      const { venue, clock } = measured(ahead);
      const exact = new ManualClock();

      const found = await run(name, { venue, ours: clock, time: clock });
      const right = await run(name, { venue: exact, ours: exact, time: new ExactVenueTime() });

      if (typeof found === 'number' && typeof right === 'number') expect(Math.abs(found - right)).toBeLessThan(1_001);
      else expect(found).toEqual(right);
    },
  );

  it.each(names)('%s: and not where a bot believes its own machine', async (name) => {
    const outcomes = await Promise.all(
      [-40_000, 0, 40_000].map((ahead) => {
        const venue = new ManualClock();
        const host = new SkewedHost(venue, ahead);
        return run(name, { venue, ours: { now: () => host.wall() }, time: new ExactVenueTime() });
      }),
    );

    expect(new Set(outcomes.map((outcome) => JSON.stringify(outcome))).size).toBeGreaterThan(1);
  });

  it('waits by the error of the measure before it calls an order lost, and asks for history from before it', async () => {
    // Longer than the second between two questions, or the next one would hide it.
    const { venue, clock } = measured(40_000, 2_400);
    const world = { venue, ours: clock, time: clock };
    expect(clock.boundMs).toBe(1_201);

    const late = await run('an order is proven lost only once the venue can accept it no more', world);
    const again = measured(40_000, 2_400);
    const rig = rigOf({ venue: again.venue, ours: again.clock, time: again.clock });
    await rig.stream.backfill();

    expect(late).toBeGreaterThan(11_201);
    expect(rig.records('account_baseline')[0]?.['since']).toBeLessThanOrEqual(rig.clock.now() - 1_201);
  });
});
